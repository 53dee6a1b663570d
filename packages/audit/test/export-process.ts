// Exports a whole audit log in a process of its own, and tells how much of the machine's memory it held with the first
// tenth and with the rest. Takes DATABASE_URL, FORMAT and SIZE from its environment.
import { openStore } from '@gatehouse/database'
import { exportFirst } from './export-everything.ts'
import { openTestKeys } from './test-keys.ts'

const [format, size] = [process.env['FORMAT'] === 'ocsf' ? 'ocsf' : 'jsonl', Number(process.env['SIZE'])] as const
const db = openStore(process.env['DATABASE_URL'] ?? '', { size: 2, name: 'export-process' })
let [early, late] = [0, 0]
const rows = await exportFirst({ db, subjectKeys: await openTestKeys(db) }, { size, format }, (had) => {
  const { rss } = process.memoryUsage()
  // with the first rows the engine's own spaces grow to their size
  if (had <= size / 10) early = Math.max(early, rss)
  else late = Math.max(late, rss)
})
process.send?.({ rows, grownBytes: late - early })
await db.destroy()
process.disconnect()
