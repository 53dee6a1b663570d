/** Where a person's authenticators are in the web UI. */
export const AUTHENTICATORS_PATH = '/me/authenticators'
