import fc from 'fast-check'
import { expect, test } from 'vitest'

import { readContainerCommand, splitWords } from './container-command.ts'

const read = (text: string) => readContainerCommand(splitWords(text) ?? [])

test('docker run is taken apart before the image', () => {
  expect(
    read(
      'docker --context far run -it -p8080:80 --name=shop --net backend -e A=1 --env B --env-file .env --rm shop:1 -p 1 -d',
    ),
  ).toEqual({
    kind: 'run',
    before:
      'docker --context far run -it -p8080:80 --name=shop --net backend -e A=1 --env B --env-file .env --rm'.split(' '),
    image: ['shop:1', '-p', '1', '-d'],
    variables: ['A=1', 'B'],
    envFiles: ['.env'],
    published: ['8080:80'],
    name: 'shop',
    network: 'backend',
    detached: false,
  })
})

test.for([
  ['docker run -d shop', true],
  ['docker run -itd shop', true],
  ['docker container run --detach shop', true],
  ['podman run --detach=false shop -d', false],
  ['docker compose up -d shop', true],
  ['docker compose run shop ls -d', false],
  ['docker-compose up --wait', true],
] as const)('%s: whether it goes into the background', ([text, detached]) => {
  expect(read(text)).toMatchObject({ detached })
})

test('docker compose up gives its files, its options and its services', () => {
  expect(read('docker compose -f a.yaml --file=b.yaml -p shop up --build -t 3 shop worker')).toEqual({
    kind: 'compose',
    program: ['docker', 'compose', '-p', 'shop'],
    files: ['a.yaml', 'b.yaml'],
    action: 'up',
    rest: ['--build', '-t', '3', 'shop', 'worker'],
    services: ['shop', 'worker'],
    detached: false,
  })
  expect(read('docker-compose run --rm -e A=1 tests npm test')).toMatchObject({ action: 'run', services: ['tests'] })
})

test.for(['node server.js', 'docker build .', 'docker compose down', 'docker', 'mydocker run x', ''])(
  '%s starts no container',
  (text) => {
    expect(read(text)).toBeUndefined()
  },
)

test('words are split as a shell does, and nothing else is guessed', () => {
  expect(splitWords(`docker run -e 'A=$1 b'"c d" ''  x`)).toEqual(['docker', 'run', '-e', 'A=$1 bc d', '', 'x'])
  for (const text of ['a $B', 'a | b', 'a && b', 'a "x$B"', "a 'open", 'a; b', 'a `b`', 'a *.js']) {
    expect(splitWords(text), text).toBeUndefined()
  }
})

test('whatever the words are, they come out again in their order', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-d', '-e', '--env', '--', '-it', '--name', 'A=1', '-p', '--net=x', '-', '-v', 'run'),
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const found = readContainerCommand(['docker', 'run', ...words])
      expect(found?.kind === 'run' && [...found.before, ...found.image]).toEqual(['docker', 'run', ...words])
      readContainerCommand(['docker', 'compose', 'up', ...words])
      splitWords(words.join(' '))
    }),
    { numRuns: 500 },
  )
})
