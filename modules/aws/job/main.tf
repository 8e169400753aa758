locals {
  # What task_definition.tf asks of the module around it.
  task = {
    # Nobody calls a job, and it ends by itself.
    port         = null
    health       = null
    stop_timeout = null

    # The log of a job is the evidence of what it did: rather wait for CloudWatch than lose a line.
    log_options = { mode = "blocking" }
  }
}
