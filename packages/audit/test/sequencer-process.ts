// A node that only sequences, for tests that kill it. Takes DATABASE_URL and the checkpoint key's seed from its
// environment, and says when it is up.
import { createPrivateKey } from 'node:crypto'
import { openStore } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { checkpointKeyFrom } from '../src/checkpoint-key.ts'
import { startSequencer } from '../src/sequencer.ts'
import { openTestKeys } from './test-keys.ts'

const url = process.env['DATABASE_URL'] ?? ''
const clock = { now: () => new Date() }
const db = openStore(url, { size: 1, name: 'sequencer-process' })
startSequencer({
  url,
  db,
  subjectKeys: await openTestKeys(db),
  clock,
  random: systemRandom(clock),
  key: checkpointKeyFrom(createPrivateKey(process.env['CHECKPOINT_KEY'] ?? ''), 'gatehouse.test/audit'),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
})
process.send?.('up')
process.on('disconnect', () => process.exit(0)) // the test has ended, however it ended
