import { join } from 'node:path'
import { ensureWebBuilt } from '../web/ensure-web-built.ts'
import { start } from './start.ts'

await start(({ root }) => ({
  gateway: join(root, 'apps', 'gateway', 'src', 'main.ts'),
  worker: join(root, 'apps', 'worker', 'src', 'main.ts'),
  buildWeb: (say) => ensureWebBuilt(root, say),
}))
