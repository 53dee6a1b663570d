import { z } from 'zod'
import { Instant, SecretText } from './scalars.ts'

const id = z.string()

/** What a key may be used for today. */
export const KmsKeyState = z
  .enum(['enabled', 'decrypt-only', 'disabled', 'pending-deletion', 'destroyed'])
  .meta({ id: 'KmsKeyState' })

/** A key of the key service. Its material is in no answer. */
export const KmsKey = z
  .object({
    id,
    name: z.string(),
    workspace: id,
    /** What wraps its material. */
    backend: z.string(),
    state: KmsKeyState,
    stateSince: Instant,
    /** What is encrypted now is of this version. */
    currentVersion: z.int(),
    /** Ciphertexts of older versions are not opened. */
    minimumVersion: z.int(),
    /** While it is there the key cannot be scheduled for deletion. */
    deletionGuard: z.boolean(),
    createdAt: Instant,
  })
  .meta({ id: 'KmsKey' })

/** Why one item of a batch came to nothing; the others do not depend on it. */
export const KmsItemProblem = z
  .enum([
    'malformed',
    'unknown-version',
    'unknown-suite',
    'wrong-key',
    'not-ours',
    'context-invalid',
    'too-long',
    'below-minimum',
    'version-revoked',
    'version-destroyed',
    'not-in-census',
  ])
  .meta({ id: 'KmsItemProblem' })

/** One item that was encrypted: its envelope, or why there is none. */
const KmsSealedItem = z
  .object({
    problem: KmsItemProblem.nullable(),
    ciphertext: z.string().nullable(),
    /** The version of the key that opens it. */
    keyVersion: z.int().nullable(),
  })
  .meta({ id: 'KmsSealedItem' })

/** What came of each item, in their order. */
export const KmsSealed = z.object({ keyId: id, items: z.array(KmsSealedItem) }).meta({ id: 'KmsSealed' })

/** One item that was decrypted: its bytes in base64, or why there are none. */
const KmsOpenedItem = z
  .object({ problem: KmsItemProblem.nullable(), plaintext: SecretText.nullable() })
  .meta({ id: 'KmsOpenedItem' })

/** What came of each item, in their order. */
export const KmsOpened = z.object({ keyId: id, items: z.array(KmsOpenedItem) }).meta({ id: 'KmsOpened' })
