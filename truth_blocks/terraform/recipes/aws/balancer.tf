# makes: an application load balancer that serves HTTPS and redirects plain HTTP to it
# assumes: The targets speak HTTP on one port, and a certificate for the domain exists.
# asks: What stands behind the load balancer, and who may reach it?
# output: balancer_domain | aws_lb.recipe_name.dns_name | Address of the load balancer
resource "aws_lb" "recipe_name" {
  name                       = var.name
  load_balancer_type         = "application"
  security_groups            = var.security_group_ids
  subnets                    = var.public_subnet_ids
  drop_invalid_header_fields = true
}

resource "aws_lb_target_group" "recipe_name" {
  name     = var.name
  port     = var.target_port
  protocol = "HTTP"
  vpc_id   = var.vpc_id

  health_check {
    path = "/"
  }
}

resource "aws_lb_listener" "recipe_name_http" {
  load_balancer_arn = aws_lb.recipe_name.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "recipe_name_https" {
  load_balancer_arn = aws_lb.recipe_name.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.recipe_name.arn
  }
}
