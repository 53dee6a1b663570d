/** The workspace that is there from the first start; its id is its name, so that scripts can name it. */
export const defaultWorkspace = 'default'
