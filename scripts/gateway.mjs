// Starts one more gateway on the system that `npm start` brought up.
import { bootstrap } from './bootstrap/bootstrap.mjs'

await bootstrap('scripts/gateway/main.ts', process.argv.slice(2))
