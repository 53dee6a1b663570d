import { invalidField, SecretBackendKind, type Input } from '@gatehouse/contract'
import type { ProviderKind } from './secret-provider.ts'

type Configured = Input<'secretBackend.configure'>

/** How what a person says is sealed, by its kind; total, as a kind that nobody can configure is none. */
const settingsOf: { readonly [K in ProviderKind]: (given: NonNullable<Configured[K]>) => unknown } = {
  postgres: ({ url, authority = null }) => ({ url: url.expose(), authority }),
  vault: ({ address, token, mount, authority = null }) => ({ address, token: token.expose(), mount, authority }),
  aws: ({ region, endpoint = null, ...key }) => ({ region, endpoint, key: awsKeyIn(key) }),
  upcloud: ({ username, password, endpoint = null }) => ({ username, password: password.expose(), endpoint }),
}

/** A user's key, or none at all: then Gatehouse is there who this machine is. */
function awsKeyIn({ accessKeyId, secretAccessKey }: Omit<NonNullable<Configured['aws']>, 'region' | 'endpoint'>) {
  if (accessKeyId === undefined && secretAccessKey === undefined) return null
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw invalidField('aws', 'both accessKeyId and secretAccessKey, or neither: then as who this machine is')
  return { accessKeyId, secretAccessKey: secretAccessKey.expose() }
}

type Given = Partial<Readonly<Record<ProviderKind, unknown>>>

const kindsIn = (given: Given): ProviderKind[] => SecretBackendKind.options.filter((kind) => given[kind] !== undefined)

/** How the one kind that is given is reached, as it will be sealed. */
export function settingsIn(input: Configured): { readonly kind: ProviderKind; readonly settings: unknown } {
  const [kind, second] = kindsIn(input)
  if (kind === undefined) throw invalidField('postgres', 'how the backend is reached, under the name of its kind')
  if (second !== undefined) throw invalidField(second, `nothing: a backend is of one kind, and this one has ${kind}`)
  return { kind, settings: settled(kind, input) }
}

const settled = <K extends ProviderKind>(kind: K, input: Configured): unknown =>
  settingsOf[kind](input[kind] as NonNullable<Configured[K]>) // it is the one that is given

/** What is said of a role in the form of its backend's kind; null: nothing. Refuses what is of another kind. */
export function formIn(input: Given, kind: ProviderKind): object | null {
  const stray = kindsIn(input).find((one) => one !== kind)
  if (stray !== undefined) throw invalidField(stray, `nothing: the backend of the role is of kind ${kind}`)
  return (input[kind] ?? null) as object | null // forms are objects
}
