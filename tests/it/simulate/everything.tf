# Every module of modules/aws in one root, wired as the rendered layers wire them.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100, < 7" }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]

  default_tags {
    tags = { "landfall:environment" = "acme-prod" }
  }
}

variable "digest" {
  type    = string
  default = "1111111111111111111111111111111111111111111111111111111111111111"
}

# null: the services wait for the first values, as in a first install.
variable "api_key_version" {
  type    = string
  default = null
}

variable "replicas" {
  type    = number
  default = 2
}

locals {
  target = { region = "eu-central-1", account_id = "123456789012", partition = "aws" }
  name   = "acme-prod"

  workloads = {
    service_web = { port = 8080, ingresses = ["public"], databases = ["main"] }
    service_api = { port = 9090, ingresses = ["public"] }
    job_migrate = { databases = ["main"] }
    job_nightly = {}
  }
  cluster = { arn = module.cluster.cluster_arn, name = module.cluster.cluster_name }
  image   = { repository = "registry.example/acme/web", tag = "v1", digest = "sha256:${var.digest}" }
  identity = {
    for key in keys(local.workloads) : key => {
      task_role_arn      = module.identity[key].task_role_arn
      execution_role_arn = module.identity[key].execution_role_arn
      scheduler_role_arn = module.identity[key].scheduler_role_arn
      security_group_id  = module.network.security_group_ids.workloads[key]
      log_group_name     = module.observability.log_groups[key].name
    }
  }
}

module "keys" {
  source = "./modules/keys"
  name   = local.name
  target = local.target
}

module "network" {
  source         = "./modules/network"
  name           = local.name
  target         = local.target
  cidr           = "10.40.0.0/16"
  zones          = ["eu-central-1a", "eu-central-1b"]
  load_balancers = { public = { internal = false, tls = true } }
  databases      = ["main"]
  workloads      = local.workloads
  key_arn        = module.keys.key_arn
}

module "observability" {
  source     = "./modules/observability"
  name       = local.name
  target     = local.target
  key_arn    = module.keys.key_arn
  contact    = "operations@acme.example"
  log_groups = { for key in keys(local.workloads) : key => "/landfall/${local.name}/${key}" }
}

module "database_main" {
  source            = "./modules/database"
  name              = "${local.name}-main"
  target            = local.target
  key_arn           = module.keys.key_arn
  engine_version    = "17"
  instance_class    = "db.t4g.small"
  storage           = { allocated_gib = 20, max_gib = 100 }
  subnet_ids        = module.network.database_subnet_ids
  security_group_id = module.network.security_group_ids.databases["main"]
  database_name     = "acme"
  topic_arn         = module.observability.topic_arn
  protection        = { multi_az = false, deletion_protection = false, skip_final_snapshot = true }
}

module "secrets" {
  source                  = "./modules/secrets"
  key_arn                 = module.keys.key_arn
  recovery_window_in_days = 0
  secrets                 = { api_key = { name = "acme-prod/api-key", description = "key of the API" } }
}

module "cluster" {
  source  = "./modules/cluster"
  name    = local.name
  target  = local.target
  key_arn = module.keys.key_arn
}

module "ingress_public" {
  source            = "./modules/ingress"
  name              = "${local.name}-public"
  target            = local.target
  bucket_name       = "acme-prod-public-logs"
  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.public_subnet_ids
  security_group_id = module.network.security_group_ids.load_balancers["public"]
  internal          = false
  protection        = false
  certificate_arn   = "arn:aws:acm:eu-central-1:123456789012:certificate/0b9d6bd3-6e3a-4a0e-9c27-4f1a2b3c4d5e"
}

module "identity" {
  source        = "./modules/identity"
  for_each      = local.workloads
  name          = "${local.name}-${replace(each.key, "_", "-")}"
  target        = local.target
  key_arn       = module.keys.key_arn
  log_group_arn = module.observability.log_groups[each.key].arn
  secret_arns   = values(module.secrets.arns)
  databases     = [for name in try(each.value.databases, []) : { resource_id = module.database_main.resource_id, user = "app" }]
  schedule      = each.key == "job_nightly" ? { cluster_arn = module.cluster.cluster_arn, family = "acme-prod-nightly" } : null
}

module "job_migrate" {
  source      = "./modules/job"
  name        = "acme-prod-migrate"
  target      = local.target
  cluster     = local.cluster
  image       = local.image
  container   = { cpu = 256, memory = 512, command = ["migrate"] }
  environment = { DATABASE_HOST = module.database_main.address }
  secrets     = { MASTER = { arn = module.database_main.master_secret_arn, json_key = "password" } }
  identity    = local.identity["job_migrate"]
  network     = { subnet_ids = module.network.private_subnet_ids }
}

module "job_nightly" {
  source    = "./modules/job"
  name      = "acme-prod-nightly"
  target    = local.target
  cluster   = local.cluster
  image     = local.image
  container = { cpu = 256, memory = 512, command = ["nightly"] }
  identity  = local.identity["job_nightly"]
  network   = { subnet_ids = module.network.private_subnet_ids }
  key_arn   = module.keys.key_arn
  schedule  = { name = "acme-prod-nightly", expression = "cron(0 3 * * ? *)" }
}

module "service_web" {
  source      = "./modules/service"
  name        = "acme-prod-web"
  target      = local.target
  cluster     = local.cluster
  image       = local.image
  container   = { cpu = 256, memory = 512 }
  environment = { LANDFALL_ENVIRONMENT = "acme-prod" }
  secrets     = { API_KEY = { arn = module.secrets.arns["api_key"], version = var.api_key_version, required = false } }
  identity    = local.identity["service_web"]
  network     = { subnet_ids = module.network.private_subnet_ids }
  replicas    = { desired = var.replicas }
  alarms      = { topic_arn = module.observability.topic_arn }
  http = {
    port                     = 8080
    target_group_name        = "acme-prod-web"
    vpc_id                   = module.ingress_public.vpc_id
    health                   = { path = "/healthz" }
    routes                   = [{ listener_arn = module.ingress_public.listener_arn, priority = 10, paths = ["/*"] }]
    load_balancer_arn_suffix = module.ingress_public.load_balancer_arn_suffix
  }
}

output "secrets" {
  value = module.secrets.arns
}

output "foundation" {
  value = {
    network   = { vpc_id = module.network.vpc_id, private_subnet_ids = module.network.private_subnet_ids }
    key_arn   = module.keys.key_arn
    topic_arn = module.observability.topic_arn
    cluster   = local.cluster
    database = {
      host              = module.database_main.address
      port              = module.database_main.port
      resource_id       = module.database_main.resource_id
      master_secret_arn = module.database_main.master_secret_arn
    }
    ingress = {
      listener_arn             = module.ingress_public.listener_arn
      load_balancer_arn        = module.ingress_public.load_balancer_arn
      load_balancer_arn_suffix = module.ingress_public.load_balancer_arn_suffix
      dns_name                 = module.ingress_public.dns_name
      zone_id                  = module.ingress_public.zone_id
    }
    identity = local.identity
  }
}
