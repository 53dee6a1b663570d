const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'that is a directory',
  EACCES: 'you have no permission for it',
  EPERM: 'you have no permission for it',
  EROFS: 'that disk is read-only',
  ENOSPC: 'the disk is full',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
}

/** Why a file could not be read or written, in words for people; what has none keeps the system's own. */
export const whyUnread = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'unknown reason'
  const code = 'code' in cause ? String(cause.code) : ''
  return words[code] ?? cause.message
}
