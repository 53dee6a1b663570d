import type { HostSetup } from './ssh-host-setup-facts.ts'

type Addresses = Pick<HostSetup, 'gatewayAddresses'>

/**
 * From OpenSSH 9.8 on, sshd refuses an address for a while after log-ins that failed or never came. The checks of
 * Gatehouse are such: they have the host prove its key, and go.
 */
export const penaltyLine = ({ gatewayAddresses }: Addresses): string =>
  `PerSourcePenaltyExemptList ${gatewayAddresses.join(',')}`

/** Sets `$exemption` to the line that is to be written, or to nothing: older servers do not know it. */
export const penaltyChecks = (setup: Addresses): readonly string[] => [
  'exemption=',
  'case "$(of root persourcepenalties)" in',
  "'' | no) ;; # this sshd penalizes nobody",
  '*)',
  '  exempt=$(elsewhere persourcepenaltyexemptlist | head -n 1)',
  '  if [ -z "$exempt" ]; then',
  `    exemption='${penaltyLine(setup)}'`,
  '  else # the first such line counts, so there is none of ours beside it',
  `    for address in ${setup.gatewayAddresses.map((address) => `'${address}'`).join(' ')}; do`,
  '      has "$exempt" "$address" || refuse persourcepenaltyexemptlist ' +
    '"sshd penalizes addresses from which log-ins fail, and the checks of Gatehouse are such: ' +
    'add $address to its list of exceptions"',
  '    done',
  '  fi ;;',
  'esac',
]

/** Behind our own lines for sshd, where they are written. */
export const penaltyConfiguration = '[ -z "$exemption" ] || echo "$exemption"'

/** What is in force in the end. */
export const penaltyOutcome =
  '[ -z "$exemption" ] || [ "$(setting persourcepenaltyexemptlist)" = "${exemption#* }" ] || ' +
  'stop "another part of sshd\'s configuration stands before ours"'
