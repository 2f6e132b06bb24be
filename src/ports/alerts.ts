/** The alert port: what a person has to hear. Called after the journal commit, never inside a decision. */
export interface Alert {
  readonly code: string;
  readonly message: string;
  readonly at: number;
  readonly batchId?: string;
  readonly groupId?: string;
  readonly orderId?: string;
}

export interface AlertSink {
  alert(alert: Alert): void;
}
