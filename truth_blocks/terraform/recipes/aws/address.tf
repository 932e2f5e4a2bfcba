# makes: a reserved public address (Elastic IP)
# assumes: An address that nothing uses costs money.
# output: address | aws_eip.recipe_name.public_ip | The reserved address
resource "aws_eip" "recipe_name" {
  domain = "vpc"

  tags = {
    Name = var.name
  }
}
