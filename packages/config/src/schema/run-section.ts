import { z } from 'zod'

import { count, duration, flag, key, looseText, section, text, texts } from './scalars.ts'

const project = section({
  name: z.string().min(1).meta({ description: 'Name of the project, in reports and history.' }),
  kind: z
    .enum(['vitest', 'node-test', 'jest', 'pytest', 'command', 'recorded'])
    .meta({ description: 'What runs its tests; `recorded` replays test sets.' }),
  files: key(texts, 'Globs of test files, or names of test sets; each kind has its usual ones.'),
  exclude: key(texts, 'Globs of files that are left out.'),
  category: key(
    z.enum(['unit', 'integration', 'e2e', 'mission_critical', 'performance']),
    'What its tests are for; without it each file says its own.',
  ),
  markers: key(texts, 'Markers of all its tests, for `--marker`.'),
  command: key(
    text,
    'The command that runs it, in a shell; the files are appended, or for `command` put in place of `{files}`.',
  ),
  service: key(
    text,
    'For `recorded`: the entry of `services` whose sets are replayed, with its command, port and folder.',
  ),
  cwd: key(text, 'Folder that it runs in and that globs begin at, relative to this file.'),
  env: key(z.record(z.string(), looseText), 'Variables that it runs with.'),
  critical: key(flag, 'Its tests always run, and one that is skipped has failed.'),
  timeout: key(duration, 'How long one process of it may take; 10 minutes by default.'),
  report: key(text, 'Where a `command` writes JUnit XML; without it its exit code is the verdict.'),
  coverage: key(
    text,
    'Where it leaves coverage, as lcov or JSON of Istanbul; without it the runner is asked for some.',
  ),
})

const quarantined = section({
  test: key(text, '`file > name`, with `*` for anything.'),
  reason: key(text, 'Why it fails, and what is planned; needed.'),
  until: key(text, 'The last day, `2026-12-31`; needed. From the next day on the run refuses to start.'),
})

/** The keys under `run:`. */
export const runSection = section({
  projects: key(z.array(project), 'What `run` runs; an empty list lets it look for tests itself.'),
  quarantine: key(z.array(quarantined), 'Tests that may fail for a while without failing the run.'),
  quarantineFile: key(text, 'A file with more of them: a list as in `run.quarantine`.'),
  workers: key(count, 'How many processes `--parallel` uses; 0 is one for each processor.'),
  coverageThreshold: key(z.number().min(0).max(100), 'Lines in percent that `--coverage` asks for; 0 asks for none.'),
  budget: key(duration, 'What `--execution-mode fast_feedback` fits into.'),
})
