import { readFileSync } from 'node:fs'
import type { Secret } from '@gatehouse/contract'

/** Where Temporal is and how to get in. */
export interface TemporalAddress {
  readonly address: string
  readonly namespace: string
  readonly apiKey: Secret<string> | null
  /** Paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | null } | null
}

/** With a certificate of our own, or, where an API key is all that proves us, with the server's alone. */
const tlsOptions = ({ apiKey, tls }: Pick<TemporalAddress, 'apiKey' | 'tls'>) => {
  if (tls === null) return apiKey === null ? {} : { tls: true as const }
  return {
    tls: {
      clientCertPair: { crt: readFileSync(tls.cert), key: readFileSync(tls.key) },
      ...(tls.ca === null ? {} : { serverRootCACertificate: readFileSync(tls.ca) }),
    },
  }
}

/** The options that clients and workers connect with. */
export const connectionOptions = ({ address, apiKey, tls }: TemporalAddress) => ({
  address,
  ...tlsOptions({ apiKey, tls }),
  ...(apiKey === null ? {} : { apiKey: apiKey.expose() }),
})

/** How our processes name themselves in histories: by what they are, never by host or person. */
export const identityOf = (process: 'gateway' | 'worker'): string => `gatehouse-${process}`
