kit "everything" {
  format   = 1
  title    = "Everything"
  vendor   = "Vendor"
  landfall = ">= 0.1"
  clouds   = ["aws", gcp]
}

release {
  version  = "2.1.0"
  tag      = "${kit.name}/v${release.version}"
  from     = ">= 1.4"
  stops    = ["1.9.0", "2.0.0"]
  window   = "30d"
  update   = recreate
  rollback = none
}

schema "main" {
  tool     = "migrate"
  version  = 42
  accepts  = [41, 42]
  probe    = job.schema-version
  at_start = unless_env
  off      = { AUTO_MIGRATE = false }
  locks    = table
  ahead    = refuse
}

size "small" {
  title   = "Up to 50 people"
  default = true
}
size "large" { title = "Up to 5000 people" }

image "app" {
  repository = "registry.everything.example:5000/group/app"
  tag        = "${release.tag}-x"
  mirrors    = ["mirror.everything.example/app"]
  pull       = secret.registry
  uid        = 1000
  root       = writable
  writable   = { "/tmp" = "256Mi" }
}

input "sender" {
  type      = email
  prompt    = "From address"
  default   = "a@b.example"
  pattern   = ".*@b\\.example"
  immutable = true
  doc       = "Shown to people"
}
input "level" {
  type    = "enum"
  values  = ["a", "b"]
  default = "b"
}
input "hosts" {
  type    = "list"
  default = ["a", "b"]
}

secret "session_key" {
  generate  = { kind = "alnum", length = 40, prefix = "sk_" }
  immutable = true
  show      = once
  doc       = "Signs sessions"
}
secret "id" { generate = { kind = uuid } }
secret "registry" { supplied = true }
secret "licence" {
  supplied = true
  required = false
  check    = "^[A-Z0-9-]+$"
}

database "main" {
  engine     = "postgres"
  version    = ">= 15, < 18"
  databases  = ["app", "audit"]
  schema     = "app"
  extensions = { "uuid-ossp" = owner, vector = admin }
  roles      = split
  iam        = { aws = none, gcp = proxy }
  sizes      = { small = { instance = "db.t4g.medium", storage = "50Gi" } }
  parameters = { max_connections = 200, work_mem = "8MB" }
  url "app" {
    scheme   = "postgresql+asyncpg"
    database = "audit"
    params   = { sslmode = "verify-full" }
    pooled   = false
    role     = owner
  }
}

env {
  DATABASE_URL = database.main.url.app
  VERSION      = "v${release.version} on ${cloud.name}"
  SESSION_KEY  = secret.session_key
  PUBLIC_URL   = ingress.public.url
  MODE         = "production"
  PARAMS       = jsonencode({ a = input.sender, b = [1, 2] })
}

env "WORKERS" {
  type     = "int"
  default  = 4
  min      = 1
  max      = 16
  operator = true
  doc      = "Processes"
}
env "MAIL" {
  type     = "bool"
  from     = feature.mail && environment.class != "preview"
  as       = "1/0"
  required = false
  when     = feature.mail
  to       = [service.web, job.nightly]
}
env "LICENCE" {
  type = secret
  from = secret.licence
  to   = [service.web]
}

feature "mail" {
  default  = false
  title    = "Mail"
  requires = [input.sender, external.mail]
}

service "web" {
  image    = image.app
  command  = ["/app"]
  args     = ["serve", "--sender=${input.sender}"]
  set      = { ROLE = "web", VERSION_ONLY = release.version }
  uses     = [database.main, secret.session_key, secret.licence, cache.main, bucket.data, queue.jobs, external.mail, volume.data]
  needs    = [service.worker]
  cpu      = 0.5
  memory   = "1Gi"
  replicas = 2
  arch     = arm64
  update   = rolling
  drain    = "110s"
  when     = !feature.mail || input.level == "a"
  port "http" {
    number     = 8080
    protocol   = http
    number_env = "PORT"
  }
  port "grpc" {
    number   = 9090
    protocol = grpc
  }
  health {
    live     = "/live"
    ready    = "/ready"
    startup  = "2m"
    port     = port.http
    interval = "10s"
  }
  scale {
    metric = cpu
    target = 70
    min    = 2
    max    = 6
  }
  sidecar "proxy" {
    image     = image.app
    args      = ["proxy"]
    command   = ["/proxy"]
    set       = { ROLE = "proxy" }
    essential = false
    port "metrics" { number = 9100 }
    health { live = "/" }
  }
  peer {
    ports     = [7946]
    discovery = dns
  }
}

service "worker" {
  image = image.app
  uses  = [database.main]
  sizes = {
    small = { cpu = 0.25, memory = "512Mi", replicas = 1 }
    large = { cpu = 1, memory = "2Gi", replicas = 2, max = 8 }
  }
  trigger = queue.jobs
  health { command = ["true"] }
  scale {
    metric = queue_depth
    target = 500
    max    = 8
  }
}

job "schema-version" {
  phase   = manual
  image   = image.app
  db_role = rw
}
job "migrate" {
  phase   = "migrate"
  order   = 1
  image   = image.app
  uses    = [database.main]
  timeout = "1h"
  retries = 2
  cpu     = 1
  memory  = "2Gi"
}
job "nightly" {
  phase    = "schedule"
  image    = image.app
  schedule = "17 3 * * mon-fri"
  timezone = "Europe/Berlin"
  overlap  = true
}

ingress "public" {
  deny = ["/internal"]
  route {
    prefixes = ["/", "/api"]
    to       = service.web
    port     = "http"
    timeout  = "60s"
    affinity = cookie
  }
  route {
    exact = ["/rpc"]
    hosts = ["*.rpc.everything.example"]
    to    = service.web
    port  = grpc
  }
}

check "version" {
  path   = "/version?full=1"
  status = 200
  json   = "data.version"
  equals = release.version
  after  = bootstrap
}

cache "main" {
  engine   = valkey
  version  = ">= 8"
  eviction = noeviction
  tls      = true
  auth     = password
  url "main" {
    scheme = "rediss"
    number = 1
  }
}
bucket "data" {
  access    = role
  cors      = { origins = ["*"], methods = ["GET"], headers = [] }
  expire    = { prefix = "tmp/", days = 7 }
  versioned = true
}
queue "jobs" {
  fifo         = false
  visibility   = "5m"
  max_receives = 3
}
volume "data" {
  path   = "/data"
  shared = false
  size   = "10Gi"
  uid    = 1000
  backup = true
}
external "mail" {
  type     = smtp
  host     = input.sender
  port     = 587
  password = secret.licence
  check    = false
}
file "config" {
  path    = "/etc/app/config.yaml"
  format  = yaml
  content = yamlencode({ key = secret.session_key, bucket = bucket.data.name })
  secret  = true
  when    = feature.mail
}
egress {
  allow = ["api.vendor.example:443"]
  proxy = false
}
