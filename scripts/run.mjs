// Runs one TypeScript program of the repository under the pinned Node: node scripts/run.mjs <program> [arguments].
import { bootstrap } from './bootstrap/bootstrap.mjs'

const [program, ...args] = process.argv.slice(2)
if (program === undefined) {
  console.error('gatehouse: name the program to run, as in `node scripts/run.mjs bench/main.ts`')
  process.exitCode = 2
} else {
  await bootstrap(program, args)
}
