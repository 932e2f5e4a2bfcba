# makes: a DNS zone (Route 53) with one address record
# assumes: The domain is registered; its registrar must be told the name servers of the zone.
# asks: To which address should the name point?
# output: name_servers | aws_route53_zone.recipe_name.name_servers | Name servers for the registrar
resource "aws_route53_zone" "recipe_name" {
  name = var.domain
}

resource "aws_route53_record" "recipe_name" {
  zone_id = aws_route53_zone.recipe_name.zone_id
  name    = "www.${var.domain}"
  type    = "A"
  ttl     = 300
  records = var.addresses
}
