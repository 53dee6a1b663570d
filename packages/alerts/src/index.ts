export { alertsDomain, type AlertsNeeds } from './domain.ts'
export {
  createRaiseAlert,
  type AlertToRaise,
  type RaiseAlert,
  type RaiseDeps,
  type RaisedAlert,
} from './raise-alert.ts'
