/** Browsers by what only they say of themselves; the order matters, since most claim to be others as well. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

/** A device as people know it, `Firefox 150 on Linux`, from what it says of itself; programs keep their own words. */
export function deviceWords(userAgent: string): string {
  if (userAgent.trim() === '') return 'unknown device'
  const browser = browsers
    .map(([pattern, name]) => ({ name, version: pattern.exec(userAgent)?.[1] }))
    .find(({ version }) => version !== undefined)
  if (browser === undefined) return userAgent
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  return `${browser.name} ${browser.version}${system === undefined ? '' : ` on ${system}`}`
}
