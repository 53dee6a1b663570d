export { askSshd } from './ask-sshd.ts'
export {
  HostAccessError,
  type FileStat,
  type FileWrite,
  type HostAccess,
  type HostAccessProblem,
  type HostTarget,
  type OpenHostAccess,
  type RemoteFile,
} from './host-access.ts'
export { openHostAccess, REMOTE_FILE_BYTES_MAX } from './open-host-access.ts'
export { proveHostKey } from './prove-host-key.ts'
export { scanHostKeys } from './scan-host-keys.ts'
