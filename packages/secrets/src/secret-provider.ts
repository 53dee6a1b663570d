import type { Output, Secret } from '@gatehouse/contract'
import type { z } from 'zod'
import type { BackendLimits, LeaseRef, Testimony } from './secret-backend.ts'

/** The kinds of backends that people configure. */
export type ProviderKind = Output<'secretBackend.configure'>['kind']

/** A credential as it leaves. */
export type Material = Output<'lease.issue'>['material']

/** A backend that was reached, with all that it takes. */
export interface ProvedPlace {
  /** Which server or account it is, by its own word: another one at the same address is another. */
  readonly identity: string
  /** What people know it by. */
  readonly shown: string
}

/** A backend as it is reached. */
export interface Target<Settings> {
  readonly settings: Settings
  /**
   * What it was when it was configured: an empty server at the same address would say of every credential that it is
   * not there. Null: it is being configured.
   */
  readonly identity: string | null
}

/** Which credential, at which backend. */
export interface CredentialRef<Handle> {
  readonly lease: LeaseRef
  /** Stands beside the credential where it lies, so that nobody's else is taken for ours. */
  readonly backendId: string
  /** What was last kept of it, by which it is found and taken away; null: nothing. No secret: rows hold it as it is. */
  readonly handle: Handle | null
}

/** One that is being made. */
export interface NewCredential<Handle> extends CredentialRef<Handle> {
  /**
   * Keeps a handle before the next step is asked of the backend, whose answer may never come. Refuses `lease-ended`
   * once the credential is being taken away: who takes it away has read the handle, and would not hear of another.
   */
  keep(handle: Handle): Promise<void>
}

/** One that is being taken away. */
export interface EndingCredential<Handle> extends CredentialRef<Handle> {
  /**
   * Keeps, sealed, what the backend is asked with whether the credential is dead, where it can be asked only by who has
   * one. It is destroyed once that is known. Absent: nobody will ask.
   */
  readonly keepWitness?: (witness: Secret<string>) => Promise<void>
}

/** One that was taken away. */
export interface EndedCredential<Handle> extends CredentialRef<Handle> {
  /** What was kept to ask with; null: nothing. */
  readonly witness: Secret<string> | null
}

/** What is looked for at a backend. */
export interface Looked<Handle> {
  readonly backendId: string
  /** Credentials that work as far as we know. */
  readonly active: readonly { readonly leaseId: string; readonly handle: Handle | null }[]
}

/** A credential of ours that lies in a backend. */
export interface FoundCredential {
  readonly leaseId: string
  /** It says that it is of this backend; one that says nothing is only if a lease of the backend is called so. */
  readonly tagged: boolean
}

/**
 * A kind of backend: how one is reached, what may be asked of it, and what is done there. The lease's id names the
 * credential, so that each of these may be tried again. All of it ends in bounded time, and throws `BackendError` for
 * what is the backend's doing.
 */
export interface SecretProvider<Settings, Form, Handle = null> {
  readonly kind: ProviderKind
  readonly limits: BackendLimits
  /** What a backend of the kind is reached with, as it is sealed; all of it may be secret. */
  readonly settings: z.ZodType<Settings>
  /** What a role of it says. */
  readonly form: z.ZodType<Form>
  /** What is kept of a credential beside its lease; of a kind whose credentials are named after the lease, nothing. */
  readonly handle: z.ZodType<Handle>
  /** Proves reachability and permission without making anything. */
  probe(target: Target<Settings>): Promise<ProvedPlace>
  /** Throws unless credentials of this form may be given. `issue` asks it again by itself. */
  check(target: Target<Settings>, form: Form): Promise<void>
  /** With the same lease again: the same credential, or another in its place; never a second one. */
  issue(target: Target<Settings>, credential: NewCredential<Handle>, form: Form): Promise<Secret<Material>>
  /** Has a credential live on until then; answers until when it really does. Absent where `limits` say it cannot be. */
  renew?(target: Target<Settings>, credential: CredentialRef<Handle>, until: Date): Promise<Date>
  /** Resolves once the credential cannot work and is gone, also if it never existed. */
  revoke(target: Target<Settings>, credential: EndingCredential<Handle>): Promise<void>
  /** Looks whether the credential of a revoked lease is gone, by its name or a witness. Absent: nobody can tell. */
  prove?(target: Target<Settings>, credential: EndedCredential<Handle>): Promise<Omit<Testimony, 'provider'>>
  /** What lies there of ours; of the active ones all that do. */
  find(target: Target<Settings>, looked: Looked<Handle>): Promise<readonly FoundCredential[]>
  /** The settings with a fresh secret of ours that nobody has seen. What the backend takes now, it goes on taking. */
  renewed(target: Target<Settings>): Promise<Settings>
  /** Has the backend take the fresh secret in place of the one that it knows. */
  replace(target: Target<Settings>, renewed: Settings): Promise<void>
  /** True when a failure says that the backend does not take our secret. */
  isRefused(error: unknown): boolean
}

/** A provider that reads settings and forms itself, so that nobody else has to know what is in them. */
export interface Provider extends Omit<SecretProvider<unknown, unknown, unknown>, 'settings' | 'form' | 'handle'> {
  /** Throws for a form that is none of the kind's. */
  readForm(given: unknown): unknown
}

/** Closes a provider over its forms. */
export function asProvider<Settings, Form, Handle>(provider: SecretProvider<Settings, Form, Handle>): Provider {
  const settingsOf = (given: unknown): Settings => provider.settings.parse(given)
  const formOf = (given: unknown): Form => provider.form.parse(given)
  const at = ({ settings, identity }: Target<unknown>): Target<Settings> => ({
    settings: settingsOf(settings),
    identity,
  })
  const handleOf = (given: unknown): Handle | null => (given === null ? null : provider.handle.parse(given))
  const handled = <T extends { readonly handle: unknown }>(one: T) => ({ ...one, handle: handleOf(one.handle) })
  const prove = provider.prove?.bind(provider)
  const { renew } = provider
  return {
    kind: provider.kind,
    limits: provider.limits,
    readForm: formOf,
    ...(renew === undefined
      ? {}
      : { renew: (target, credential, until) => renew(at(target), handled(credential), until) }),
    probe: (target) => provider.probe(at(target)),
    check: (target, form) => provider.check(at(target), formOf(form)),
    issue: (target, credential, form) => provider.issue(at(target), handled(credential), formOf(form)),
    revoke: (target, credential) => provider.revoke(at(target), handled(credential)),
    ...(prove === undefined ? {} : { prove: (target, credential) => prove(at(target), handled(credential)) }),
    find: (target, { backendId, active }) => provider.find(at(target), { backendId, active: active.map(handled) }),
    renewed: (target) => provider.renewed(at(target)),
    replace: (target, renewed) => provider.replace(at(target), settingsOf(renewed)),
    isRefused: (error) => provider.isRefused(error),
  }
}
