# makes: a network (VPC) with a public and a private subnet in each of two availability zones
# assumes: Private subnets have no way out to the internet: a NAT gateway costs money all day.
# asks: Do the private subnets need to reach the internet?
# output: vpc_id | aws_vpc.recipe_name.id | Id of the network
# output: private_subnet_ids | aws_subnet.recipe_name_private[*].id | Ids of the private subnets
data "aws_availability_zones" "recipe_name" {
  state = "available"
}

resource "aws_vpc" "recipe_name" {
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = {
    Name = var.name
  }
}

resource "aws_subnet" "recipe_name_public" {
  count = 2

  vpc_id            = aws_vpc.recipe_name.id
  cidr_block        = cidrsubnet(var.vpc_cidr, 8, count.index)
  availability_zone = data.aws_availability_zones.recipe_name.names[count.index]
}

resource "aws_subnet" "recipe_name_private" {
  count = 2

  vpc_id            = aws_vpc.recipe_name.id
  cidr_block        = cidrsubnet(var.vpc_cidr, 8, count.index + 10)
  availability_zone = data.aws_availability_zones.recipe_name.names[count.index]
}

resource "aws_internet_gateway" "recipe_name" {
  vpc_id = aws_vpc.recipe_name.id
}

resource "aws_route_table" "recipe_name_public" {
  vpc_id = aws_vpc.recipe_name.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.recipe_name.id
  }
}

resource "aws_route_table_association" "recipe_name_public" {
  count = 2

  subnet_id      = aws_subnet.recipe_name_public[count.index].id
  route_table_id = aws_route_table.recipe_name_public.id
}
