# The plan of addresses, in sixteenths of the range (in brackets: each zone's subnet of a /16 and of a /22):
#
#   0 ..  7   workloads  4 x 1/8    (/19, /25)   every task and every job has an address here
#   8 ..  9   public     4 x 1/32   (/21, /27)   load balancers and NAT gateways; a load balancer needs a /27
#  10 .. 11   database   4 x 1/32   (/21, /27)
#  12 .. 15   kept free for tiers to come
#
# Each tier has four places and at most three are used, so that a third zone moves no subnet.
locals {
  place = { for index, zone in var.zones : zone => index }

  blocks = {
    private  = cidrsubnet(var.cidr, 1, 0)
    public   = cidrsubnet(var.cidr, 3, 4)
    database = cidrsubnet(var.cidr, 3, 5)
  }
}

# No address is public by default, here either: NAT gateways bring an Elastic IP, load balancers get their own.
resource "aws_subnet" "public" {
  for_each = local.place

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(local.blocks.public, 2, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = local.place

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(local.blocks.private, 2, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_subnet" "database" {
  for_each = local.place

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(local.blocks.database, 2, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-database-${each.key}" }
}
