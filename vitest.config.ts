import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { nodeFlags } from './packages/testkit/src/node-flags.ts'
import { SlowestFirst } from './packages/testkit/src/slowest-first.ts'
import { timeoutOf } from './packages/testkit/src/volume.ts'

const NODE_NEEDED = 24
if (Number(process.versions.node.split('.')[0]) < NODE_NEEDED) {
  throw new Error(
    `the tests need Node ${NODE_NEEDED}, this is ${process.version}: run \`npm test\`, or put ` +
      'node_modules/node/bin first on the PATH',
  )
}

const real = '**/test/**/*.real.test.ts'
const workflows = 'temporal/test/**/*.real.test.ts'
const policy = ['packages/policy/**/*.test.ts', 'policies/**/*.test.ts']
const endToEnd = 'test/e2e/**/*.test.ts'
// Waits, for rounds, deadlines or programs: beside what computes a core would stand idle.
const waitingUnits = [
  'apps/worker/src/fallback.test.ts',
  'packages/cli/src/{audit-export,lost-answer}.test.ts',
  'packages/compose/src/log-output.test.ts',
  'packages/kit/src/outbound/outbound-http.test.ts',
  'packages/ssh/src/version-watch.test.ts',
]
// What holds something against a clock runs with few beside it; what floods has the machine to itself.
const measuring = [
  'packages/policy/test/policy-reload.real.test.ts',
  ...['policy', 'start', 'two-nodes'].map((name) => `test/e2e/${name}.test.ts`),
]
const flooding = ['test/e2e/abuse.test.ts']
// Real servers start, workers bundle, browsers paint, all on two cores at once.
const patient = { testTimeout: timeoutOf(60_000), hookTimeout: 120_000 }
/**
 * Real servers and whole systems mostly wait (for a deadline, a browser, a killed process): measured, five at once
 * keep three quarters of two cores busy, and six make each other miss deadlines.
 */
const mostlyWaiting = {
  ...patient,
  hookTimeout: 300_000,
  maxWorkers: 5,
  sequence: { groupOrder: 1 },
  // Each line of a test runs a few times: what optimises for many, and collects objects often, took a sixth of the
  // processor time. What is measured runs in processes of its own, started as gateways are.
  execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=64', '--initial-old-space-size=768', '--no-turbofan'],
}
/**
 * What computes goes where the rest waits, and last, file by file, so that no core is left alone at the end. By itself
 * it took three quarters of a minute before all else.
 */
const besideWhatWaits = { maxWorkers: mostlyWaiting.maxWorkers, sequence: mostlyWaiting.sequence }

// Node takes graphql's CommonJS form, and so do the libraries beside it; a bundler's choice of the other would make two
// of it.
const graphql = fileURLToPath(import.meta.resolve('graphql'))

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    // One PostgreSQL for the whole run, started when the first test asks for a database.
    globalSetup: 'packages/testkit/src/vitest-setup.ts',
    // argon2 and the policy engine are native or WebAssembly: a crash takes one file with it, not the run
    pool: 'forks',
    execArgv: [...nodeFlags],
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/*.test.ts'],
          exclude: [...configDefaults.exclude, real, endToEnd, ...policy, ...waitingUnits],
          testTimeout: timeoutOf(20_000),
          hookTimeout: 60_000, // the first to ask for a database waits for the server
          // Pure functions: loading the house anew for each of a hundred files costs more than all of their tests.
          isolate: false,
          ...besideWhatWaits,
        },
      },
      {
        extends: true,
        test: {
          name: 'policy',
          include: policy,
          exclude: [...configDefaults.exclude, real],
          ...patient,
          isolate: false, // as above
          ...besideWhatWaits,
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: [real, endToEnd, ...waitingUnits],
          exclude: [...configDefaults.exclude, workflows, ...measuring, ...flooding],
          ...mostlyWaiting,
          // As above; each file has a database of its own, and modules keep nothing between two of them. One process
          // runs only files of one project, so that these are of one.
          isolate: false,
        },
      },
      {
        extends: true,
        // Threads of Temporal's SDK may fail when a workflow's context is thrown away: not in a file that comes after.
        test: { name: 'workflows', include: [workflows], ...mostlyWaiting },
      },
      {
        extends: true,
        test: {
          name: 'measuring',
          include: measuring,
          ...patient,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'flooding', include: flooding, ...patient, hookTimeout: 300_000, sequence: { groupOrder: 3 } },
      },
    ],
  },
})
