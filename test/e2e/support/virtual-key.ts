import type { CDPSession, Page } from 'playwright-core'

/** A credential as Chromium's virtual authenticators keep it. */
export interface KeptCredential {
  readonly credentialId: string
  readonly isResidentCredential: boolean
  readonly rpId?: string
  readonly privateKey: string
  readonly userHandle?: string
  readonly signCount: number
}

const kinds = {
  /** Unlocks by the device's own lock, and holds passkeys. */
  passkey: {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  },
  /** A plain key with a button: it proves that it is there, and nothing of who holds it. */
  securityKey: {
    protocol: 'ctap2',
    transport: 'usb',
    hasResidentKey: false,
    hasUserVerification: false,
    isUserVerified: false,
    automaticPresenceSimulation: true,
  },
} as const

/** A virtual authenticator at a page: plugged in, taken out, its credentials seen and put back. */
export async function keysAt(page: Page) {
  const cdp: CDPSession = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  let plugged: string | null = null
  const credentials = async (): Promise<readonly KeptCredential[]> =>
    plugged === null ? [] : (await cdp.send('WebAuthn.getCredentials', { authenticatorId: plugged })).credentials
  const unplug = async (): Promise<readonly KeptCredential[]> => {
    const kept = await credentials()
    if (plugged !== null) await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: plugged })
    plugged = null
    return kept
  }
  const plug = async (kind: keyof typeof kinds, kept: readonly KeptCredential[] = []): Promise<void> => {
    await unplug()
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: kinds[kind] })
    for (const credential of kept)
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential } })
    plugged = authenticatorId
  }
  return { plug, unplug, credentials }
}

export type Keys = Awaited<ReturnType<typeof keysAt>>
