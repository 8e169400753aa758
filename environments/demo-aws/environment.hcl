# One installation of the kit in this repository. This is the only file a person edits: `landfall
# render demo-aws` makes everything else from it, `landfall show demo-aws` says where each value
# comes from. Nothing here is secret.

environment "demo-aws" {
  format  = 1
  class   = "preview" # production | staging | preview: which safeguards can be waived
  kit     = "../.."
  release = "v1.0.0"
  contact = "platform@acme.example"
}

# Every command compares this with who you are, before it touches anything.
aws {
  account_id = "111122223333"
  region     = "eu-central-1"
}

ingress "public" {
  host        = "ledger.acme.example"
  certificate = "none" # plain HTTP, never in production; else the ARN of an ACM certificate
  allow       = []     # CIDRs; empty is everyone
}

# The kit's questions.
inputs = {
  sender = "ledger@acme.example"
}
