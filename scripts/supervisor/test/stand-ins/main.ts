import { fileURLToPath } from 'node:url'
import { start } from '../../start.ts'

// The real supervisor over programs that keep the agreement between it and its children, and do nothing else.
const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

await start(() => ({
  applications: () => Promise.resolve({ gateway: program('gateway.ts'), worker: program('worker.ts') }),
  buildWeb: () => Promise.resolve(),
}))
