// Runs in the browser, inside the report. All text from the run is set as text, never as markup.
const CHUNK = 200
const OPEN_AT_FIRST = 3
const PRINTED_DETAILS = 500
const MARKS = { passed: '✓', failed: '✗', blocked: '■', skipped: '○', flaky: '~' }

const find = (id) => document.getElementById(id)
const run = JSON.parse(find('run-data').textContent)
const list = find('tests')
const state = { status: 'all', suite: '', words: [], shown: 0, matching: [], lastGroup: '', lastRow: null }

function make(tag, className, ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''))
  return element
}

function time(ms) {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  return ms < 59950
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`
}

const commas = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',')
const listed = (title, items) =>
  items.length === 0 ? null : make('section', '', make('h4', '', title), make('ul', 'plain-list', ...items))

for (const test of run.tests) {
  test.haystack = [
    test.method,
    test.path,
    test.name,
    test.file,
    test.suite,
    test.set,
    ...test.tags,
    ...test.failures.map((f) => `${f.path} ${f.message}`),
  ]
    .join(' ')
    .toLowerCase()
}

function matches(test) {
  if (state.status !== 'all' && test.status !== state.status) return false
  if (state.suite !== '' && test.suite !== state.suite) return false
  return state.words.every((word) => test.haystack.includes(word))
}

function apply() {
  state.matching = run.tests.filter(matches)
  state.shown = 0
  state.lastGroup = ''
  state.lastRow = null
  list.replaceChildren()
  const total = run.tests.length
  find('shown').textContent =
    `${commas(state.matching.length)} of ${commas(total)} ${total === 1 ? 'test' : 'tests'} shown`
  find('empty').hidden = state.matching.length > 0
  addRows(CHUNK)
}

function addRows(most) {
  const part = document.createDocumentFragment()
  for (const test of state.matching.slice(state.shown, state.shown + most)) addRow(part, test)
  state.shown = Math.min(state.matching.length, state.shown + most)
  state.lastRow?.classList.toggle('last', state.shown === state.matching.length)
  list.append(part)
  find('more').hidden = state.shown >= state.matching.length
}

function addRow(part, test) {
  const row = rowOf(test)
  const group = `${test.set}\n${test.suite}`
  if (group !== state.lastGroup) {
    state.lastRow?.classList.add('last')
    row.classList.add('first')
    part.append(make('li', 'group', make('h2', '', test.suite), make('span', '', test.set)))
  }
  state.lastGroup = group
  state.lastRow = row
  part.append(row)
}

function rowOf(test) {
  const button = make(
    'button',
    'row-button',
    make('span', `mark ${test.status}`, MARKS[test.status]),
    make('span', 'method', test.method),
    make('span', 'path', test.path),
    make('span', 'name', test.name),
    make('span', `verdict ${test.status}`, test.status),
    make('span', 'time', test.status === 'skipped' ? '' : time(test.ms)),
  )
  button.type = 'button'
  button.querySelector('.mark').setAttribute('aria-hidden', 'true')
  button.title = `${test.method} ${test.path}`
  const row = make('li', 'test', make('h3', '', button))
  row.dataset.test = String(test.index)
  button.addEventListener('click', () => toggle(row, test, !row.classList.contains('open')))
  button.setAttribute('aria-expanded', 'false')
  if (test.open) toggle(row, test, true)
  return row
}

function toggle(row, test, open) {
  const button = row.querySelector('button')
  row.classList.toggle('open', open)
  button.setAttribute('aria-expanded', String(open))
  test.open = open
  row.querySelector('.detail')?.remove()
  if (!open) {
    button.removeAttribute('aria-controls')
    return
  }
  const detail = detailOf(test)
  detail.id = `detail-${test.index}`
  button.setAttribute('aria-controls', detail.id)
  row.append(detail)
}

function detailOf(test) {
  const facts = make('dl', 'facts')
  const fact = (name, value) => value && facts.append(make('dt', '', name), make('dd', '', value))
  fact('File', make('code', '', test.file))
  fact('Request', make('code', '', `${test.method} ${test.path}`))
  fact('Verdict', test.status === 'flaky' ? `passed at attempt ${test.attempts}` : test.status)
  fact('Tags', test.tags.join(', '))
  const parts = [facts]
  if (test.failures.length > 0) parts.push(make('section', '', make('h4', '', 'Why'), ...test.failures.map(failureOf)))
  if (test.sides) parts.push(sidesOf(test.sides))
  parts.push(
    listed('Bound values', test.bound.map(boundOf)),
    listed(
      'Differences allowed by rules',
      test.rules.map(([path, rule]) => make('li', '', make('code', '', path), make('span', 'muted', ` by ${rule}`))),
    ),
  )
  if (test.curl) parts.push(make('section', '', make('h4', '', 'Try it'), make('pre', '', test.curl)))
  return make('div', 'detail', ...parts)
}

function failureOf(failure) {
  const box = make('div', 'failure', make('div', 'where', failure.path || failure.kind), make('p', '', failure.message))
  if (failure.expected === undefined && failure.actual === undefined) return box
  box.append(
    make(
      'div',
      'pair',
      make('div', 'left', make('small', '', 'Expected'), make('pre', '', failure.expected)),
      make('div', 'right', make('small', '', 'Got'), make('pre', '', failure.actual)),
    ),
  )
  return box
}

function boundOf([recorded, live, form, where]) {
  const pair = [make('code', '', recorded), make('span', 'arrow', '→'), make('code', '', live)]
  return make('li', '', ...pair, make('div', 'muted', `${form}, first at ${where}`))
}

function sidesOf(sides) {
  const head = make('thead', '', make('tr', '', columnHead('Recorded'), columnHead('This run')))
  const body = make('tbody')
  for (const part of sides.parts) {
    const title = make('th', '', part.title)
    title.colSpan = 2
    body.append(make('tr', 'part', title), ...part.rows.map(sideRow))
  }
  const legend = make('p', 'legend')
  for (const [name, text] of [
    ['e', 'expected'],
    ['g', 'got'],
    ['a', 'differs, and a rule or a binding allows it'],
  ]) {
    legend.append(make('span', '', make('i', name), text))
  }
  return make(
    'section',
    '',
    make('h4', '', 'Side by side'),
    make('div', 'sides', make('table', '', head, body)),
    legend,
  )
}

function columnHead(text) {
  const cell = make('th', '', text)
  cell.scope = 'col'
  return cell
}

function sideRow([kind, left, right]) {
  if (kind === 'same') return make('tr', '', make('td', '', left), make('td', '', left))
  if (kind !== 'changed') return make('tr', kind, make('td', '', left), make('td', '', right))
  const [a, b] = inner(left, right)
  return make('tr', kind, make('td', '', ...a), make('td', '', ...b))
}

// What two lines share at their start and end stays unmarked.
function inner(left, right) {
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1
  let end = 0
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end += 1
  const cut = (text) => [
    text.slice(0, start),
    make('mark', '', text.slice(start, text.length - end)),
    text.slice(text.length - end),
  ]
  return [cut(left), cut(right)]
}

function theme() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const next = (document.documentElement.dataset.theme ?? (dark ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  try {
    localStorage.setItem('keploy-report-theme', next)
  } catch {
    // A page opened from disk may have no storage: the choice then lasts as long as the page.
  }
}

function restoreTheme() {
  try {
    const kept = localStorage.getItem('keploy-report-theme')
    if (kept === 'dark' || kept === 'light') document.documentElement.dataset.theme = kept
  } catch {
    // As above.
  }
}

function move(event) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const buttons = [...list.querySelectorAll('.row-button')]
  const at = buttons.indexOf(document.activeElement)
  if (at === -1) return
  event.preventDefault()
  buttons[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
}

function openAll(open) {
  for (const test of run.tests) test.open = false
  if (open) for (const test of state.matching.slice(0, PRINTED_DETAILS)) test.open = true
  apply()
}

restoreTheme()
find('theme').addEventListener('click', theme)
find('search').addEventListener('input', (event) => {
  state.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
  apply()
})
find('suite').addEventListener('change', (event) => {
  state.suite = event.target.value
  apply()
})
find('status').addEventListener('change', (event) => {
  state.status = event.target.value
  apply()
})
find('suites')?.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-suite]')
  if (!button) return
  state.suite = button.dataset.suite
  find('suite').value = state.suite
  apply()
  find('search').focus()
})
find('tools').addEventListener('submit', (event) => event.preventDefault())
find('expand').addEventListener('click', () => openAll(true))
find('collapse').addEventListener('click', () => openAll(false))
find('more').addEventListener('click', () => addRows(CHUNK))
list.addEventListener('keydown', move)
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, select, textarea')) return
  event.preventDefault()
  find('search').focus()
})
new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && addRows(CHUNK), {
  rootMargin: '600px',
}).observe(find('more'))
addEventListener('beforeprint', () => {
  for (const test of state.matching.filter(({ failures }) => failures.length > 0).slice(0, PRINTED_DETAILS))
    test.open = true
  apply()
  addRows(state.matching.length)
})

for (const test of run.tests.filter(({ failures }) => failures.length > 0).slice(0, OPEN_AT_FIRST)) test.open = true
apply()
document.documentElement.dataset.ready = 'true'
