terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = "~> 6.0"
      configuration_aliases = [aws.west]
    }
  }

  backend "s3" {
    bucket = "states"
    key    = "network"
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      team = "platform"
    }
  }

  assume_role {
    role_arn = var.role_arn
  }
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

variable "region" {
  type    = string
  default = "eu-central-1"

  validation {
    condition     = can(regex("^eu-", var.region))
    error_message = "Only European regions."
  }
}

variable "role_arn" {
  type      = string
  sensitive = true
}

variable "subnets" {
  type = map(object({
    cidr   = string
    public = optional(bool, false)
  }))
  default = {
    a = { cidr = "10.0.1.0/24" }
  }
}

variable "ports" {
  type    = list(number)
  default = [443]
}

locals {
  public = { for name, subnet in var.subnets : name => subnet if subnet.public }
  names  = [for name in keys(local.public) : upper(name)]
}

data "aws_availability_zones" "here" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name         = "main-${terraform.workspace}"
    "a:b"        = join(",", local.names)
    (var.region) = true
  }
}

resource "aws_subnet" "each" {
  for_each = var.subnets

  vpc_id                  = aws_vpc.main.id
  cidr_block              = each.value.cidr
  map_public_ip_on_launch = each.value.public
  availability_zone       = data.aws_availability_zones.here.names[0]

  timeouts {
    create = "10m"
  }

  lifecycle {
    ignore_changes        = [tags, tags["x"]]
    create_before_destroy = true

    precondition {
      condition     = length(var.subnets) > 0
      error_message = "No subnets."
    }
  }
}

resource "aws_security_group" "web" {
  name_prefix = "web-"
  vpc_id      = aws_vpc.main.id

  dynamic "ingress" {
    for_each = toset(var.ports)
    iterator = port

    content {
      description = "port ${port.value}"
      from_port   = port.value
      to_port     = port.value
      protocol    = "tcp"
      cidr_blocks = [aws_vpc.main.cidr_block]
    }
  }

  egress = [{
    cidr_blocks      = ["0.0.0.0/0"]
    description      = "out"
    from_port        = 0
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    protocol         = "-1"
    security_groups  = []
    self             = false
    to_port          = 0
  }]
}

resource "aws_eip" "west" {
  provider = aws.west
  count    = var.region == "eu-central-1" ? 1 : 0
  domain   = "vpc"

  depends_on = [aws_vpc.main]
}

module "peering" {
  source = "./peering"

  providers = {
    aws = aws.west
  }

  vpc_id  = aws_vpc.main.id
  subnets = values(aws_subnet.each)[*].id
}

moved {
  from = aws_vpc.old
  to   = aws_vpc.main
}

output "subnets" {
  value = { for name, subnet in aws_subnet.each : name => subnet.id }
}

output "eip" {
  value       = one(aws_eip.west[*].public_ip)
  description = "address"
  depends_on  = [module.peering]
}

output "peer" {
  value = module.peering.id
}
