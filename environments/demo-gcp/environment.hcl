# The installation of demo-aws in a project of Google Cloud: the same kit, another block that says
# where. `landfall render demo-gcp` makes everything else from it, `landfall show demo-gcp` says where
# each value comes from. Nothing here is secret.

environment "demo-gcp" {
  format  = 1
  class   = "preview" # production | staging | preview: which safeguards can be waived
  kit     = "../.."
  release = "v1.0.0"
  contact = "platform@acme.example"
}

# Every command compares this with who you are, before it touches anything.
gcp {
  project        = "acme-ledger"
  project_number = "123456789012"
  region         = "europe-west3"
  images         = "remote" # Cloud Run pulls from Artifact Registry only: fetch the vendor's there
}

ingress "public" {
  host        = "ledger.acme.example"
  certificate = "none" # plain HTTP, never in production; else "managed"
  allow       = []     # CIDRs; empty is everyone
}

# The kit's questions.
inputs = {
  sender = "ledger@acme.example"
}
