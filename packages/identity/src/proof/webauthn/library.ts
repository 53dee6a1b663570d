/**
 * The library of ceremonies, loaded at the first one: with all that it reads attestations by it is two hundred modules,
 * a tenth of what a gateway loads.
 */
export const ceremonies = (): Promise<typeof import('@simplewebauthn/server')> => import('@simplewebauthn/server')
