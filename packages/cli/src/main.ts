import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Compiled modules are kept between runs: it halves the start-up. Without a writable place Node goes on without.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatehouse', 'compiled'))

const { runProcess } = await import('./run-process.ts')
// Nothing that is still waiting (a socket kept alive, a call given up) keeps a person waiting.
process.exit(await runProcess(process))
