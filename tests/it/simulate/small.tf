# A network, a database and roles: what most often goes wrong in a second plan.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100, < 7" }
  }
}

variable "cidr" {
  type    = string
  default = "10.40.0.0/16"
}

variable "class" {
  type    = string
  default = "db.t4g.micro"
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]

  default_tags {
    tags = { environment = "acme-prod" }
  }
}

resource "aws_vpc" "this" {
  cidr_block = var.cidr
  tags       = { Name = "acme" }
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 4, count.index)
  availability_zone = "eu-central-1${["a", "b"][count.index]}"
}

resource "aws_security_group" "database" {
  name        = "acme-database"
  description = "The database"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_subnet_group" "this" {
  name       = "acme"
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_db_instance" "this" {
  identifier                  = "acme-main"
  engine                      = "postgres"
  engine_version              = "17"
  instance_class              = var.class
  allocated_storage           = 20
  username                    = "landfall_master"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.this.name
  vpc_security_group_ids      = [aws_security_group.database.id]
  skip_final_snapshot         = true
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "task" {
  for_each           = toset(["web", "worker"])
  name               = "acme-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_eip" "twin" {
  count  = 2
  domain = "vpc"
}

output "database" {
  value = {
    arn    = aws_db_instance.this.arn
    host   = aws_db_instance.this.address
    secret = one(aws_db_instance.this.master_user_secret).secret_arn
  }
}
