export { openSsh, type OpenSshDeps, type Ssh } from './open-ssh.ts'
export type { PublicDocuments, RevocationDocument } from './public-documents.ts'
export type { SshSettings } from './ssh-settings.ts'
export { loadSshCertificateSlice, loadSshHostSlice, loadSshKeySlice } from './ssh-slices.ts'
