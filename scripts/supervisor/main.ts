import { ensureProgramsBuilt } from '@gatehouse/testkit/servers'
import { ensureWebBuilt } from '../web/ensure-web-built.ts'
import { start } from './start.ts'

await start(({ root }) => ({
  applications: (say) => ensureProgramsBuilt(root, { say }),
  buildWeb: (say) => ensureWebBuilt(root, say),
}))
