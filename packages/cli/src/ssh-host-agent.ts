import {
  HOST_CERTIFICATE_NAMESPACE,
  HOST_REPORT_NAMESPACE,
  LIST_SIGNER,
  REVOCATION_LIST_NAMESPACE,
  TRUSTED_CAS_HEAD,
  TRUSTED_CAS_HOST,
  TRUSTED_CAS_NAMESPACE,
} from '@gatehouse/ssh/wire'
import { CA_PATH, CERTIFICATE_PATH, KRL_PATH, LOCK_PATH, SIGNERS_PATH, type HostSetup } from './ssh-host-setup-facts.ts'

export const AGENT_PATH = '/usr/local/sbin/gatehouse-krl'
const UNITS_PATH = '/etc/systemd/system'
export const FOLLOW_PATH = `${UNITS_PATH}/gatehouse-krl-follow.service`
export const SERVICE_PATH = `${UNITS_PATH}/gatehouse-krl.service`
export const TIMER_PATH = `${UNITS_PATH}/gatehouse-krl.timer`

/** How old the list of a host may get that cannot follow, as systemd writes it. */
const TIMER_PERIOD = '1min'

/** How long one question of the follower waits; a revocation ends it. */
const WAIT_SECONDS = 25

/** Beyond the wait, for a slow line and a long list. */
const SLACK_SECONDS = 20

/** Between two questions, where the first was answered at once: there was no place to wait, or there is more. */
const PACE_SECONDS = 2

/**
 * Larger than a list of some million certificates: whoever answers in the place of Gatehouse, or breaks it, shall not
 * fill the disk of a host. In blocks of 512 bytes, as POSIX has them.
 */
export const FILE_BLOCKS_MAX = 131_072

/** After a question that was not answered. */
const PAUSE_SECONDS = 5

/** What a shell says that was told to end (128 and the number of SIGTERM): no failure to whoever told it so. */
const STOPPED_STATUS = 143

/** Stands in the script for the path of the private host key, which is found on the host itself. */
export const HOST_KEY_MARK = '@HOST_KEY@'

/**
 * What runs on a host, in POSIX sh with curl and ssh-keygen: fetches the revocation list and reports which one it has.
 * A list takes the place of the one that is there only if the pinned signer signed it, ssh-keygen loads it, and it is
 * newer: sshd refuses everybody while it cannot read the list, and an older one would bring back what was revoked.
 */
export const agentScript = (
  setup: Pick<HostSetup, 'serverUrl' | 'fingerprint' | 'hostCaFingerprint'>,
): readonly string[] => [
  '#!/bin/sh',
  '# Keeps the revocation list of Gatehouse on this machine; written by its setup script.',
  '# `once` looks whether there is a newer list, `follow` waits for each next one, and `certify` has the certificate',
  '# of this host renewed, which `once` does each day where there is one.',
  'set -u',
  'umask 022',
  `ulimit -c 0; ulimit -f ${FILE_BLOCKS_MAX} # an answer that does not end fills no disk`,
  `server='${setup.serverUrl}'`,
  `fingerprint='${setup.fingerprint}'`,
  `key='${HOST_KEY_MARK}'`,
  `host_ca='${setup.hostCaFingerprint}'`,
  `list=${KRL_PATH} signers=${SIGNERS_PATH} cas=${CA_PATH} certificate=${CERTIFICATE_PATH}`,
  'say() { echo "gatehouse-krl: $1" >&2; }',
  '# beside the list, so that moving it there is one step',
  'work=$(mktemp -d "$list.XXXXXX") || exit 1',
  'trap \'rm -rf "$work"\' EXIT',
  "trap 'exit 1' HUP INT",
  `trap 'exit ${STOPPED_STATUS}' TERM`,
  '',
  ...reading,
  ...taking,
  ...trusting,
  ...reporting,
  ...certifying,
  'once() {',
  '  fetch 0 || return 1',
  '  report || say "could not report to $server"',
  '  [ -z "$(find "$certificate" -mtime +0 2> /dev/null)" ] || certify || say "the host certificate was not renewed"',
  '}',
  'case "${1-}" in',
  'once) once ;;',
  'certify) fetch 0 && certify ;;',
  'follow)',
  '  while :; do',
  '    begun=$(date +%s)',
  `    if fetch ${WAIT_SECONDS}; then report || say "could not report to $server"; else sleep ${PAUSE_SECONDS}; fi`,
  `    [ $(($(date +%s) - begun)) -ge ${PACE_SECONDS} ] || sleep ${PACE_SECONDS}`,
  '  done ;;',
  '*) say "say once, follow or certify"; exit 2 ;;',
  'esac',
]

const reading = [
  'version_of() { # by its bytes: magic and format are twelve, the version is eight (PROTOCOL.krl)',
  '  printf "%d" "0x$(od -An -tx1 -j12 -N8 "$1" | tr -d " \\n")"',
  '}',
  'loads() { ssh-keygen -Q -l -f "$1" > /dev/null 2>&1; }',
  'installed() { if loads "$list"; then version_of "$list"; else echo 0; fi; }',
  'header() { # named $1, of the answer in $2',
  '  tr -d "\\r" < "$2" | awk -v name="$1:" \'tolower($1) == name { last = $2 } END { print last }\'',
  '}',
]

const taking = [
  'fetch() { # waits up to $1 seconds for a newer list, and takes it',
  `  status=$(curl --silent --show-error --max-time "$(($1 + ${SLACK_SECONDS}))" --dump-header "$work/head" \\`,
  '    --output "$work/list" --write-out "%{http_code}" "$server/ssh/krl?after=$(installed)&wait=$1") || return 1',
  '  case "$status" in',
  '  200) take || return 1 ;;',
  '  204) ;;',
  '  *) say "$server answered $status"; return 1 ;;',
  '  esac',
  '  take_cas || say "the CAs to trust could not be taken"',
  '}',
  'is_signed() { # what is in $1, by the header of the answer in $2, for the purpose $3',
  '  { echo "-----BEGIN SSH SIGNATURE-----"; header gatehouse-signature "$2" | fold -w 70',
  '    echo "-----END SSH SIGNATURE-----"; } > "$work/sig"',
  `  ssh-keygen -Y verify -f "$signers" -I ${LIST_SIGNER} -n "$3" -s "$work/sig" < "$1" > /dev/null 2>&1`,
  '}',
  'take() {',
  `  is_signed "$work/list" "$work/head" ${REVOCATION_LIST_NAMESPACE} ||`,
  '    { say "the list that came is not signed by the pinned key"; return 1; }',
  '  loads "$work/list" || { say "the list that came cannot be read"; return 1; }',
  '  { # the timer and the follower may have one each: the newest stays',
  '    flock 9 || return 1',
  '    came=$(version_of "$work/list") here=$(installed)',
  '    [ "$came" -ge "$here" ] || { say "the list that came is older than the one here"; return 1; }',
  '    [ "$came" -eq "$here" ] || { chmod 644 "$work/list" && mv -f "$work/list" "$list"; }',
  `  } 9> ${LOCK_PATH}`,
  '}',
]

/** The CAs to trust are a file of sshd's, which it reads at each log-in; its version stands in its first line. */
const trusting = [
  `cas_version() { sed -n "1s/^${TRUSTED_CAS_HEAD}\\([0-9]*\\)$/\\1/p" "$1" 2> /dev/null; }`,
  'is_newer() { here=$(cas_version "$cas"); [ "${1:-0}" -gt "${here:-0}" ]; }',
  'take_cas() { # where this host trusts any, and Gatehouse says that there are others now',
  '  [ -f "$cas" ] && is_newer "$(header gatehouse-cas "$work/head")" || return 0',
  '  curl --fail --silent --show-error --max-time 20 --dump-header "$work/cas.head" --output "$work/cas" \\',
  '    --get --data-urlencode "host=$fingerprint" "$server/ssh/user_ca_keys" || return 1',
  `  is_signed "$work/cas" "$work/cas.head" ${TRUSTED_CAS_NAMESPACE} || return 1`,
  '  # what is for another host may name an authority that signs for that one alone',
  `  grep -qxF "${TRUSTED_CAS_HOST}$fingerprint" "$work/cas" || return 1`,
  '  ssh-keygen -l -f "$work/cas" > /dev/null 2>&1 || return 1',
  '  { flock 9 && is_newer "$(cas_version "$work/cas")" && chmod 644 "$work/cas" && mv -f "$work/cas" "$cas"; } \\',
  `    9> ${LOCK_PATH}`,
  '}',
]

/** The host's own key signs, over the text of `hostReportText`; which list and CAs it has is known to it alone. */
const reporting = [
  'sign() { # as this host, for the purpose $1',
  '  ssh-keygen -q -Y sign -f "$key" -n "$1" 2> /dev/null | sed "/^-----/d" | tr -d "\\n"',
  '}',
  'send() { # to the operation $1',
  '  curl --fail --silent --show-error --max-time 20 --data @- --header "content-type: application/json" \\',
  '    "$server/trpc/$1"',
  '}',
  'report() {',
  '  version=$(installed) heard=$(header gatehouse-time "$work/head")',
  '  trusts=$(ssh-keygen -l -f "$cas" 2> /dev/null | awk \'{ printf "%s%s", comma, $2; comma = "," }\')',
  '  signature=$(printf "%s\\n" "gatehouse host report 1" "$fingerprint" "$version" "$trusts" "$heard" |',
  `    sign ${HOST_REPORT_NAMESPACE})`,
  '  [ -n "$signature" ] || return 1',
  '  quoted=$(echo "$trusts" | sed \'s/[^,][^,]*/"&"/g\')',
  '  printf \'{"fingerprint":"%s","listVersion":%s,"trusts":[%s],"heardAt":"%s","signature":"%s"}\' \\',
  '    "$fingerprint" "$version" "$quoted" "$heard" "$signature" | send sshHost.report > /dev/null',
  '}',
]

/** A certificate takes the place of the one before only if it is of our host CA and for the key that this host has. */
const certifying = [
  'certify() {',
  '  heard=$(header gatehouse-time "$work/head")',
  '  signature=$(printf "gatehouse host certificate 1\\n%s\\n%s\\n" "$fingerprint" "$heard" |',
  `    sign ${HOST_CERTIFICATE_NAMESPACE})`,
  '  printf \'{"fingerprint":"%s","heardAt":"%s","signature":"%s"}\' "$fingerprint" "$heard" "$signature" |',
  '    send sshHostCertificate.renew > "$work/answer" || return 1',
  '  line=$(sed -n \'s/.*"certificate":"\\([^"]*\\)".*/\\1/p\' "$work/answer")',
  '  echo "$line" > "$work/certificate"',
  '  ssh-keygen -L -f "$work/certificate" > "$work/facts" 2> /dev/null || return 1',
  '  grep -q "Type: .* host certificate$" "$work/facts" && grep -q "Public key: .* $fingerprint$" "$work/facts" &&',
  '    grep -q "Signing CA: .* $host_ca " "$work/facts" || { say "the certificate that came is not ours"; return 1; }',
  '  if cmp -s "$work/certificate" "$certificate"; then touch "$certificate"; return 0; fi',
  '  chmod 644 "$work/certificate" && mv -f "$work/certificate" "$certificate" || return 1',
  '  if [ -d /run/systemd/system ]; then systemctl reload ssh 2> /dev/null || systemctl reload sshd',
  '  elif [ -s /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"; fi',
  '}',
]

/** A service that follows, and beside it a timer for when it does not run. */
export const agentUnits = (): readonly { readonly path: string; readonly lines: readonly string[] }[] => [
  {
    path: FOLLOW_PATH,
    lines: [
      '[Unit]',
      'Description=Follow the revocation list of Gatehouse',
      ...online,
      '',
      '[Service]',
      `ExecStart=${AGENT_PATH} follow`,
      'Restart=always',
      `RestartSec=${PAUSE_SECONDS}`,
      `SuccessExitStatus=${STOPPED_STATUS}`,
      '',
      '[Install]',
      'WantedBy=multi-user.target',
    ],
  },
  {
    path: SERVICE_PATH,
    lines: [
      '[Unit]',
      'Description=Fetch the revocation list of Gatehouse',
      ...online,
      '',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${AGENT_PATH} once`,
      `SuccessExitStatus=${STOPPED_STATUS}`,
    ],
  },
  {
    path: TIMER_PATH,
    lines: [
      '[Unit]',
      'Description=Keep the revocation list of Gatehouse fresh',
      '',
      '[Timer]',
      'OnBootSec=10s',
      `OnUnitActiveSec=${TIMER_PERIOD}`,
      'AccuracySec=5s',
      '',
      '[Install]',
      'WantedBy=timers.target',
    ],
  },
]

const online = ['Wants=network-online.target', 'After=network-online.target']
