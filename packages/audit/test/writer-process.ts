// A node that only records, for tests that kill it: says that it is up, and then the request of each entry once it is
// told that it is durable.
import { openStore } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { createAuditTrail, createLedger } from '../src/index.ts'
import { person } from './harness.ts'
import { openTestKeys } from './test-keys.ts'
import { draftOf } from './record.ts'

const url = process.env['DATABASE_URL'] ?? ''
const clock = { now: () => new Date() }
const db = openStore(url, { size: 1, name: 'writer-process' })
const trail = createAuditTrail({
  url,
  subjectKeys: await openTestKeys(db),
  clock,
  random: systemRandom(clock),
  ledger: createLedger(),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
})
process.send?.('up')
process.on('disconnect', () => process.exit(0)) // the test has ended, however it ended
for (;;) {
  const drafts = Array.from({ length: 8 }, () => draftOf(person(), { action: 'team.list', input: {} }))
  await Promise.all(drafts.map((draft) => trail.record(draft).then(() => process.send?.(draft.call.requestId))))
}
