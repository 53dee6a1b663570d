export { createOutbound, OutboundError, type NamedPlace, type Outbound, type OutboundSettings } from './outbound.ts'
export { allowedPlaceRule, parseAllowedPlace, type AllowedPlace } from './refused-address.ts'
