export { DeliveryError } from './delivery-error.ts'
export { postDelivery, type PostedDelivery } from './post-delivery.ts'
export {
  createOutboundHttp,
  type OutboundAnswer,
  type OutboundHttp,
  type OutboundHttpSettings,
  type OutboundRequest,
} from './outbound-http.ts'
export {
  createOutbound,
  OutboundError,
  type NamedPlace,
  type Outbound,
  type OutboundReason,
  type OutboundSettings,
} from './outbound.ts'
export { allowedPlaceRule, parseAllowedPlace, type AllowedPlace } from './refused-address.ts'
