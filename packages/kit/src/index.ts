export { isUuid } from './is-uuid.ts'
