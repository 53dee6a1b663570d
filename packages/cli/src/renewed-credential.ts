/** A credential that is replaced before it ends, for as long as somebody asks for it. */
export interface RenewedCredential<Credential> {
  /** One that lives for a while yet: the one there is, or a new one. Throws where none can be had. */
  readonly current: () => Promise<Credential>
  /** Takes away what was issued and lives. */
  readonly end: () => Promise<void>
}

/** Where credentials come from, and how they go. */
export interface Renewal<Credential> {
  readonly now: () => Date
  readonly issue: () => Promise<Credential>
  readonly revoke: (credential: Credential) => Promise<void>
}

/** With less than this part of its life left, the next who asks gets a new one. */
const RENEW_AT = 1 / 3

/**
 * Issues at the first question. What was replaced ends by itself, or with the rest: a log-in with it may be under way.
 * Where no new one can be had, the old one serves to its end.
 */
export const renewedCredential = <Credential extends { readonly endsAt: Date }>(
  renewal: Renewal<Credential>,
): RenewedCredential<Credential> => {
  const { now, issue, revoke } = renewal
  const issued: Credential[] = []
  let latest: { readonly credential: Credential; readonly renewAt: number } | null = null
  let renewing: Promise<Credential> | null = null
  const renew = async (): Promise<Credential> => {
    const credential = await issue()
    const endsAt = credential.endsAt.getTime()
    issued.push(credential)
    latest = { credential, renewAt: endsAt - (endsAt - now().getTime()) * RENEW_AT }
    return credential
  }
  return {
    current: async () => {
      const before = latest
      if (before !== null && now().getTime() < before.renewAt) return before.credential
      renewing ??= renew().finally(() => (renewing = null))
      try {
        return await renewing
      } catch (error) {
        if (before !== null && before.credential.endsAt > now()) return before.credential
        throw error
      }
    },
    end: async () => void (await Promise.all(issued.filter(({ endsAt }) => endsAt > now()).map(revoke))),
  }
}
