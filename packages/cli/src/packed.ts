// What the published package starts: one file, made by `npm run pack`, for Node 20 and newer.
import { runProcess } from './run-process.ts'

// The process ends when its streams have drained: a slow reader of a pipe gets all of it.
process.exitCode = await runProcess(process)
