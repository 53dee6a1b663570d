export { deviceWords } from './device-words.ts'
export { envelopeKeyId } from './envelope-key.ts'
export { isUuid } from './is-uuid.ts'
export { referenceOf, type Reference } from './reference.ts'
export {
  countCharacters,
  escapedJson,
  findHidden,
  shownLines,
  shownText,
  shownValue,
  type HiddenCharacter,
  type TextAllowance,
} from './visible-text.ts'
export { canonicalHostAddress, canonicalIp, hostAddressRule } from './host-address.ts'
export { isSshAccount, sshAccountRule } from './ssh-account.ts'
export { sshKeyFacts, type SshKeyFacts } from './ssh-key-facts.ts'
export { briefly } from './briefly.ts'
export { whyUnread } from './why-unread.ts'
export { createMetrics, type Metric, type Metrics } from './metrics.ts'
export { isEd25519Point, isWeakEd25519 } from './weak-ed25519.ts'
export { areWideNetworks } from './wide-networks.ts'
export {
  addressKey,
  hasOwnAddress,
  isOwnNetwork,
  isWithin,
  networkText,
  parseNetwork,
  peerAddress,
  type Network,
} from './network.ts'
export {
  durationText,
  exactDuration,
  exactTime,
  parseDuration,
  parseUnits,
  secondsOfUnitIn,
  withoutUnit,
} from './durations.ts'
export { revocabilityText, type Revocation } from './revocability-text.ts'
export { leaseVariables, type LeaseVariables, type VariableMaterial } from './lease-variables.ts'
export { startLanes, type LaneOptions, type Lanes } from './lanes.ts'
export { madeOnce } from './made-once.ts'
export { endOfTask } from './end-of-task.ts'
export { loadTogether, loadTogetherInLanes, sharedLook, type LoadMany } from './together.ts'
export { coalesce, createTurns, type Turns } from './turns.ts'
export { UnavailableError } from './unavailable-error.ts'
export { canonicalTimeZone, localTimeIn, weekdays, type LocalTime, type Weekday } from './local-time.ts'
export { isOpenAt, openHoursRule, parseOpenHours, writeOpenHours, type OpenHours } from './open-hours.ts'
export { nearest } from './nearest.ts'
export { utf16Of, type Utf16 } from './utf16.ts'
