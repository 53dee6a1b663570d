import { hostname } from 'node:os'
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { KekError } from '../kek-error.ts'
import { awsFailureOf } from './aws-failure.ts'
import { awsRegionOf, type AwsNamedKey } from './aws-names.ts'

/** Uses of keys with the credentials that this machine has. */
export interface AwsUses {
  encrypt(key: AwsNamedKey, plaintext: Uint8Array): Promise<Uint8Array>
  decrypt(key: AwsNamedKey, ciphertext: Uint8Array): Promise<Uint8Array>
}

/** One call; a second one follows where the first did not arrive. */
const callMs = 5000

/** All of a use: finding credentials, which may ask a host's metadata or a login's server, a role, the key. */
const useMs = 15_000

/**
 * AWS KMS by the SDK's chain: variables, profiles, single sign-on, the host's own role. Addresses of other servers come
 * from `AWS_ENDPOINT_URL` and the machine's own files, as the SDK reads them, never from a name of a key.
 */
export const awsByChain = (): AwsUses => {
  const clients = new Map<string, Promise<KMSClient>>()
  const clientFor = (key: AwsNamedKey): Promise<KMSClient> => {
    const id = JSON.stringify([regionOf(key.arn), key.role, key.profile])
    const client = clients.get(id) ?? clientOf(key)
    clients.set(id, client)
    return client
  }
  return {
    encrypt: (key, plaintext) =>
      use(key, async () => {
        const command = new EncryptCommand({ KeyId: key.arn, Plaintext: plaintext, EncryptionContext: key.context })
        return (await (await clientFor(key)).send(command)).CiphertextBlob
      }),
    decrypt: (key, ciphertext) =>
      use(key, async () => {
        const command = new DecryptCommand({
          KeyId: key.arn,
          CiphertextBlob: ciphertext,
          EncryptionContext: key.context,
        })
        return (await (await clientFor(key)).send(command)).Plaintext
      }),
  }
}

const regionOf = (arn: string): string => {
  const region = awsRegionOf(arn)
  if (region === null) throw new TypeError('a key of AWS KMS is named by its ARN')
  return region
}

const use = async ({ arn }: AwsNamedKey, work: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> => {
  const uri = `aws:${arn}`
  const answer = await withinDeadline(uri, work()).catch((cause: unknown) => {
    throw cause instanceof KekError ? cause : new KekError(awsFailureOf(cause, 'rejected'), uri, { cause })
  })
  if (answer === undefined) throw new KekError('rejected', uri)
  return answer
}

const withinDeadline = async <T>(uri: string, work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new KekError('unreachable', uri)), useMs)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const nothing = (): void => {}
/** The chain would tell standard error which of several credentials it takes. */
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }

const settingsFor = (region: string) => ({
  region,
  logger: silent,
  maxAttempts: 2,
  requestHandler: { requestTimeout: callMs, connectionTimeout: callMs, throwOnRequestTimeout: true },
})

const clientOf = async ({ arn, role, profile }: AwsNamedKey): Promise<KMSClient> => {
  const region = regionOf(arn)
  const settings = settingsFor(region)
  const own = await ownClient(region, profile)
  if (role === '') return own
  const sts = new STSClient({ ...settings, credentials: own.config.credentials })
  const command = new AssumeRoleCommand({ RoleArn: role, RoleSessionName: sessionName() })
  const { Credentials: given } = await sts.send(command)
  if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined)
    throw new TypeError('STS answered without credentials')
  const credentials = {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
  }
  return new KMSClient({ ...settings, credentials })
}

/**
 * A file holds the profile of whoever wrote it. Where this machine has none of that name, its own credentials count, as
 * if the file had named nobody.
 */
const ownClient = async (region: string, profile: string): Promise<KMSClient> => {
  const own = new KMSClient(settingsFor(region))
  if (profile === '') return own
  const named = new KMSClient({ ...settingsFor(region), profile })
  const isHere = await named.config.credentials().then(
    () => true,
    () => false,
  )
  return isHere ? named : own
}

/** STS takes these signs, and so many of them; the name stands in AWS's own log. */
const sessionCharsMax = 64
const sessionName = (): string => `sops@${hostname().replaceAll(/[^a-zA-Z0-9=,.@_-]/g, '')}`.slice(0, sessionCharsMax)
