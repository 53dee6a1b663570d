import { randomUUID } from 'node:crypto'
import { openStore } from '@gatehouse/database'
import { sealerUnder } from '@gatehouse/keys'
import { secret } from '@gatehouse/contract'
import { createSmtpMailer, startMailing } from '../src/index.ts'

// A process of its own that sends mail, for a test to kill: database, mail server, data key in hex, and what time it
// is.
const [databaseUrl = '', smtpUrl = '', keyHex = '', now = ''] = process.argv.slice(2)
startMailing({
  db: openStore(databaseUrl, { name: 'mail-child' }),
  clock: { now: () => new Date(now) },
  sealer: sealerUnder({ id: randomUUID(), key: Buffer.from(keyHex, 'hex') }),
  publicUrl: 'http://localhost:8420',
  mailer: createSmtpMailer({
    url: secret(smtpUrl),
    from: 'gatehouse@example.org',
    domain: 'example.org',
    allowPlaintext: false,
  }),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
})
