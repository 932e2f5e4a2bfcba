# makes: a security group that lets named networks reach one port
# assumes: Everything the members send out is allowed.
# asks: Which networks may reach which port?
# output: security_group_id | aws_security_group.recipe_name.id | Id of the security group
resource "aws_security_group" "recipe_name" {
  name        = var.name
  description = "Lets the allowed networks in"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "recipe_name" {
  for_each = toset(var.allowed_cidrs)

  security_group_id = aws_security_group.recipe_name.id
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = var.port
  to_port           = var.port
}

resource "aws_vpc_security_group_egress_rule" "recipe_name" {
  security_group_id = aws_security_group.recipe_name.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
