import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import type { Secret } from '@gatehouse/contract'
import { KekError, type KekFailure } from '../kek-error.ts'
import type { KekTraits, KeyEncryptionKey } from '../kek.ts'
import { dataKeyBytes } from '../wrap.ts'
import { awsFailureOf } from './aws-failure.ts'

/** Which key of AWS KMS, and by what right. */
export interface AwsKeyPlace {
  /** `arn:aws:kms:<region>:<account>:key/<id>`. No alias: whoever may point it elsewhere would change the key. */
  readonly keyArn: string
  readonly accessKeyId: string
  readonly secretAccessKey: Secret<string>
  /** Another address than the region's own; absent: the region's. */
  readonly endpoint?: string
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html: 4,096 bytes under a symmetric key. */
const traits: KekTraits = {
  plaintextBytesMax: 4096,
  purpose: 'checked-there',
  dataKeys: 'made-there',
  reach: 'remote',
  quantum: 'safe',
}

const arnForm = /^arn:aws[\w-]*:kms:([a-z0-9-]+):\d{12}:key\/((?:mrk-[0-9a-f]{32})|[0-9a-f-]{36})$/

/** Longer than KMS takes, and short enough that a second try fits into the deadline of a use. */
const callMs = 4000

/** So that wrapped text says by itself whose it is. */
const prefix = 'aws:'

/** A key of AWS KMS. Throws `TypeError` for what names none; asks nobody yet. */
export function awsKek({ keyArn, accessKeyId, secretAccessKey, endpoint }: AwsKeyPlace): KeyEncryptionKey {
  const [, region = '', keyId = ''] = arnForm.exec(keyArn) ?? []
  if (keyId === '') throw new TypeError('a key of AWS KMS is named by its ARN, not by an alias')
  const client = new KMSClient({
    region,
    credentials: { accessKeyId, secretAccessKey: secretAccessKey.expose() },
    maxAttempts: 1, // who calls us tries again, and knows until when
    requestHandler: { requestTimeout: callMs, connectionTimeout: callMs, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
  })
  const using = { uri: `aws:${keyArn}`, client, keyArn }
  return {
    uri: using.uri,
    // a multi-Region key is one key: its id is the same in each region, and what one wraps the others unwrap
    fingerprint: `aws:${keyId.startsWith('mrk-') ? keyId : keyArn}`,
    traits,
    wrap: (dataKey, purpose) => wrap(using, dataKey, purpose),
    unwrap: (wrapped, purpose) => unwrap(using, wrapped, purpose),
    generate: (purpose) => generate(using, purpose),
    probe: () => probe(using),
  }
}

interface Using {
  readonly uri: string
  readonly client: KMSClient
  readonly keyArn: string
}

/** One entry, so that there is nothing to run together with; AWS writes it into its own log. */
const contextOf = (purpose: string): Record<string, string> => ({ 'gatehouse-purpose': purpose })

async function wrap({ uri, client, keyArn }: Using, dataKey: Uint8Array, purpose: string): Promise<string> {
  if (dataKey.length > traits.plaintextBytesMax) throw new KekError('too-long', uri)
  const command = new EncryptCommand({ KeyId: keyArn, Plaintext: dataKey, EncryptionContext: contextOf(purpose) })
  return wrappedIn(uri, (await call(uri, () => client.send(command))).CiphertextBlob)
}

async function unwrap({ uri, client, keyArn }: Using, wrapped: string, purpose: string): Promise<Uint8Array> {
  if (!wrapped.startsWith(prefix)) throw new KekError('unwrap-failed', uri)
  const blob = Buffer.from(wrapped.slice(prefix.length), 'base64')
  if (blob.length === 0) throw new KekError('unwrap-failed', uri)
  // the key is named: else AWS would open it with whatever key it says it needs
  const command = new DecryptCommand({ KeyId: keyArn, CiphertextBlob: blob, EncryptionContext: contextOf(purpose) })
  const { Plaintext: plaintext } = await call(uri, () => client.send(command), 'unwrap-failed')
  if (plaintext === undefined) throw new KekError('rejected', uri)
  return plaintext
}

async function generate({ uri, client, keyArn }: Using, purpose: string) {
  const command = new GenerateDataKeyCommand({
    KeyId: keyArn,
    NumberOfBytes: dataKeyBytes,
    EncryptionContext: contextOf(purpose),
  })
  const { Plaintext: dataKey, CiphertextBlob: blob } = await call(uri, () => client.send(command))
  if (dataKey?.length !== dataKeyBytes) throw new KekError('rejected', uri)
  return { dataKey, wrapped: wrappedIn(uri, blob) }
}

async function probe({ uri, client, keyArn }: Using): Promise<void> {
  const { KeyMetadata: key } = await call(uri, () => client.send(new DescribeKeyCommand({ KeyId: keyArn })))
  if (key?.KeyState !== 'Enabled' || key.KeySpec !== 'SYMMETRIC_DEFAULT') throw new KekError('key-unusable', uri)
}

function wrappedIn(uri: string, blob: Uint8Array | undefined): string {
  if (blob === undefined) throw new KekError('rejected', uri)
  return `${prefix}${Buffer.from(blob).toString('base64')}`
}

async function call<T>(uri: string, ask: () => Promise<T>, badRequest: KekFailure = 'rejected'): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new KekError(awsFailureOf(cause, badRequest), uri, { cause })
  }
}
