import type { HostSetup } from './ssh-host-setup-facts.ts'

/** Where the helper lies on a host. */
export const HELPER_PATH = '/usr/local/sbin/gatehouse-otp'

/** Longer than Gatehouse takes to answer, shorter than sshd waits for a log-in (LoginGraceTime, two minutes). */
const ANSWER_SECONDS_MAX = 20

/** Our passwords are 36 characters; PAM ends what was typed by a zero byte. */
const READ_BYTES_MAX = 64

/**
 * What PAM runs on a host (`pam_exec`, `expose_authtok`) with the password that somebody typed. It lets in where
 * Gatehouse says by name that the password is this account's, and in no other case: not by a status alone, which a
 * proxy could give. Password and account stand in no argument, for everybody on the host sees those.
 */
export const helperScript = ({
  serverUrl,
  fingerprint,
}: Pick<HostSetup, 'serverUrl' | 'fingerprint'>): readonly string[] => [
  '#!/bin/sh',
  '# Asks Gatehouse whether the one-time password on standard input is good for $PAM_USER. Exit 0: it is.',
  'set -eu',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'export PATH',
  '# PAM shows nobody what a program says: it stands in the log of the machine',
  'refuse() { logger -t gatehouse-otp -p authpriv.notice "$1" 2> /dev/null || true; echo "$1" >&2; exit 1; }',
  `otp=$(dd bs=${READ_BYTES_MAX} count=1 2> /dev/null | tr -d '\\000\\r\\n')`,
  "case \"$otp\" in '' | *[!0-9a-z-]*) refuse 'this is no one-time password' ;; esac",
  'account=${PAM_USER-}',
  "case \"$account\" in '' | [!A-Za-z0-9_]* | *[!A-Za-z0-9._-]*) refuse 'this account takes none' ;; esac",
  '# an address, or nothing is known of who logs in: sshd gives a name where it has UseDNS',
  'client=${PAM_RHOST-}',
  'case "$client" in',
  "  '' | *[!0-9A-Fa-f:.]*) refuse 'sshd does not say from which address: set UseDNS no' ;;",
  'esac',
  '# which machine this is: others may ask from the same address, and a password is for one of them',
  `host='${fingerprint}'`,
  'says=\'{"otp":"%s","account":"%s","clientAddress":"%s","hostFingerprint":"%s"}\'',
  'answer=$(printf "$says" "$otp" "$account" "$client" "$host" |',
  `  curl --disable --silent --show-error --max-time ${ANSWER_SECONDS_MAX} --proto '=${schemeOf(serverUrl)}' \\`,
  "    --header 'content-type: application/json' --data-binary @- --write-out ' %{http_code}' \\",
  `    '${serverUrl}/trpc/sshOtp.verify') || refuse 'Gatehouse does not answer'`,
  'case "$answer" in',
  '  *"\\"username\\":\\"$account\\""*" 200") exit 0 ;;',
  "  *) refuse 'the one-time password is not good here' ;;",
  'esac',
]

const schemeOf = (serverUrl: string): string => new URL(serverUrl).protocol.slice(0, -1)
