import type { Config } from '@gatehouse/config'
import { parseAllowedPlace, type OutboundSettings } from '@gatehouse/kit/outbound'

/** A dev stack's hosts are on this very machine; elsewhere nobody reaches loopback through us unless it is listed. */
const devPlaces = ['127.0.0.0/8', '::1'] as const

const defaultPorts: Readonly<Record<string, number>> = { 'postgres:': 5432, 'postgresql:': 5432 }

/** Where people may send this server, by its settings; never to its own gateway, database and Temporal. */
export function outboundSettingsOf({ settings, runtime }: Config): OutboundSettings {
  const places = settings.outbound.allowed ?? (runtime.dev ? devPlaces : [])
  const urls = [runtime.databaseUrl, runtime.databaseAdminUrl].flatMap((url) => (url === null ? [] : [url.expose()]))
  return {
    allowed: places.flatMap((place) => parseAllowedPlace(place) ?? []),
    ownPorts: [
      runtime.port,
      ...urls.map(portOf),
      ...(runtime.temporal === null ? [] : [Number(runtime.temporal.address.split(':').at(-1))]),
      ...(runtime.temporalWebUrl === null ? [] : [portOf(runtime.temporalWebUrl)]),
    ],
  }
}

const portOf = (text: string): number => {
  const { port, protocol } = new URL(text)
  return port === '' ? (defaultPorts[protocol] ?? 443) : Number(port)
}
