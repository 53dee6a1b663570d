import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

/** PostgreSQL's own default (`scram_iterations`). Our passwords have 256 bits: no count of iterations adds to that. */
const iterations = 4096
const keyBytes = 32

const stretched = promisify(pbkdf2)

/**
 * What PostgreSQL keeps in place of a password (RFC 5803, RFC 7677). It is given this and not the password, which so
 * stands in no statement, no log of the server and no replica. `password` is ASCII, which SASLprep leaves as it is.
 */
export async function scramVerifier(password: string, salt: Uint8Array): Promise<string> {
  const salted = await stretched(password, salt, iterations, keyBytes, 'sha256')
  const keyFor = (use: string): Buffer => createHmac('sha256', salted).update(use).digest()
  const storedKey = createHash('sha256').update(keyFor('Client Key')).digest('base64')
  const serverKey = keyFor('Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`
}
