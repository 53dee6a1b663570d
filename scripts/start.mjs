// Brings the whole system up on this machine and stays in the foreground.
import { bootstrap } from './bootstrap/bootstrap.mjs'

await bootstrap('scripts/supervisor/main.ts', process.argv.slice(2))
