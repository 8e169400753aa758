# The kit of "ledger", a product that does not exist: `landfall rehearse` installs it, and a vendor
# starts by copying this file. `landfall kit lint` finds everything that is wrong with it at once.

kit "ledger" {
  format = 1
  title  = "Ledger"
}

release { version = "1.0.0" }

image "app" { repository = "registry.ledger.example/ledger" }

database "main" {
  engine  = "postgres"
  version = ">= 16"
}

schema "main" {
  version = 1
  accepts = [1]
}

input "sender" {
  type   = "email"
  prompt = "From address of outgoing mail"
}

secret "session_key" { generate = { kind = "hex", bytes = 32 } }
secret "licence" { supplied = true }

env {
  PUBLIC_URL    = ingress.public.url
  MAIL_FROM     = input.sender
  DATABASE_HOST = database.main.host
  DATABASE_PORT = database.main.port
  DATABASE_NAME = database.main.name
  DATABASE_USER = database.main.user
  DATABASE_CA   = database.main.ca
  SESSION_KEY   = secret.session_key
  LICENCE       = secret.licence
}

env "LOG_LEVEL" {
  values   = ["debug", "info", "warn"]
  default  = "info"
  operator = true
}

service "web" {
  image    = image.app
  args     = ["web"]
  uses     = [database.main, secret.session_key, secret.licence]
  cpu      = 0.5
  memory   = "1Gi"
  replicas = 2
  port "http" { number = 8080 }
  health {
    live  = "/live"
    ready = "/ready"
  }
}

service "worker" {
  image    = image.app
  args     = ["worker"]
  uses     = [database.main]
  cpu      = 0.25
  memory   = "512Mi"
  replicas = 1
}

job "migrate" {
  phase = "migrate"
  image = image.app
  args  = ["migrate"]
  uses  = [database.main]
}

job "nightly" {
  phase    = "schedule"
  schedule = "17 3 * * *"
  image    = image.app
  args     = ["nightly"]
  uses     = [database.main]
}

ingress "public" {
  route {
    prefixes = ["/"]
    to       = service.web
  }
}
